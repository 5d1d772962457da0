/** What a key may do. SEND: ask for messages; READ: look; MANAGE: the tenant's own keys and opt-outs; ADMIN: the platform. */
export const SCOPES = ['SEND', 'READ', 'MANAGE', 'ADMIN'] as const;
export type Scope = (typeof SCOPES)[number];
