/** Out of "Bearer rk_…"; null where there is none. */
export const bearerIn = (authorization = ''): string | null =>
  /^Bearer (\S+)$/i.exec(authorization.trim())?.[1] ?? null;
