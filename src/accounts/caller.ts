import type { Category, TenantId } from '../kernel/index.js';
import { Forbidden } from './accounts.errors.js';
import type { Scope } from './scope.js';

/** Who is asking, as the key says. */
export interface Caller {
  readonly keyId: string;
  /** Null: an administrator of the platform. */
  readonly tenantId: TenantId | null;
  readonly scopes: readonly Scope[];
  readonly defaultCategory: Category | null;
}

export const hasScope = (caller: Caller, ...anyOf: readonly Scope[]): boolean =>
  anyOf.some(scope => caller.scopes.includes(scope));

export function requireScope(caller: Caller, ...anyOf: readonly Scope[]): void {
  if (!hasScope(caller, ...anyOf)) {
    throw new Forbidden(
      `This needs an API key with the scope ${anyOf.join(' or ')}; yours has ${caller.scopes.join(', ') || 'none'}.`,
    );
  }
}

/** The tenant a caller acts for. An administrator's key acts for none. */
export function tenantOf(caller: Caller): TenantId {
  if (caller.tenantId === null) throw new Forbidden("This needs an API key of a tenant; yours is the platform's.");
  return caller.tenantId;
}

/** The tenant whose things are read: one's own or, for administrators alone, any that is named. */
export function tenantToRead(caller: Caller, named: TenantId | null): TenantId {
  if (named === null && hasScope(caller, 'ADMIN'))
    throw new Forbidden('Say whose: an administrator names a tenantId here.');
  if (named === null || named === caller.tenantId) return tenantOf(caller);
  requireScope(caller, 'ADMIN');
  return named;
}
