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
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** "rk_" and the first six characters: enough to recognise a key, far too little to use it. */
export const prefixOf = (secret: string): string => secret.slice(0, 9);

const WELL_FORMED = /^rk_[A-Za-z0-9_-]{43}$/;
export const isWellFormedKey = (secret: string): boolean => WELL_FORMED.test(secret);
