import type { Category, TenantId } from '../kernel/index.js';
import type { Scope } from './scope.js';

/** What authentication needs of a key that is neither revoked nor over. */
export interface KeyInForce {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly scopes: readonly Scope[];
  readonly defaultCategory: Category | null;
  readonly allowedIps: readonly string[] | null;
  /** Null: for good. */
  readonly until: Date | null;
}
