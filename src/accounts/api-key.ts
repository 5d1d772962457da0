import type { Category, TenantId } from '../kernel/index.js';
import type { Scope } from './scope.js';

/** A key as it may be shown: never the secret, never the hash. */
export interface ApiKey {
  readonly id: string;
  /** PLATFORM for administrators' keys. */
  readonly tenantId: TenantId;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly defaultCategory: Category | null;
  /** Addresses and CIDRs. Null: from anywhere. */
  readonly allowedIps: readonly string[] | null;
  readonly createdAt: Date;
  /** When it is over: as it was issued, or earlier since it was rotated. */
  readonly expiresAt: Date | null;
  /** For how long it was issued; null: for good. */
  readonly lifetimeMs: number | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** "rk_" and the first six characters: enough to recognise a key, far too little to use it. */
export const prefixOf = (secret: string): string => secret.slice(0, 9);

export const isOver = ({ revokedAt, expiresAt }: ApiKey, now: Date): boolean =>
  revokedAt !== null || (expiresAt !== null && expiresAt <= now);
