export const WAIT_KINDS = [
  'LAW',
  'SCHEDULE',
  'QUEUE',
  'RATE_LIMIT',
  'PROVIDER_DOWN',
  'PROVIDER_ACCOUNT',
  'TENANT_SUSPENDED',
  'DOUBT',
  'RECEIPT',
] as const;
/** LAW and SCHEDULE are choices of the law and the tenant; the others are conditions that Relais watches. */
export type WaitKind = (typeof WAIT_KINDS)[number];
