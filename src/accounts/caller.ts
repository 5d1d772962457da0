import type { Category, TenantId } from '../kernel/index.js';
import { Forbidden } from './accounts.errors.js';
import type { Scope } from './scope.js';

/** What a browser's token opens: one message, or all messages of one tag; with their texts and phone numbers, or without. */
export type ClientView = ({ readonly messageId: string } | { readonly tag: string }) & {
  readonly personalData: boolean;
};

/** Who is asking, as the key says. */
export interface Caller {
  readonly keyId: string;
  /** Null: an administrator of the platform. */
  readonly tenantId: TenantId | null;
  readonly scopes: readonly Scope[];
  readonly defaultCategory: Category | null;
  /** Null: a key. Else a browser, with a token that the key issued: it sees this much and may do nothing. */
  readonly clientView: ClientView | null;
  /** When a token is over. Null: as long as the key is in force. */
  readonly until: Date | null;
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

/** For whatever is not made for browsers, which is nearly everything. */
export function requireKey(caller: Caller): void {
  if (caller.clientView !== null)
    throw new Forbidden(
      'This needs an API key; a client token opens message, messageByNumber, messages and messageChanged.',
    );
}

/** Whether the caller may see this message of his tenant. What he may not see is to him as what is not there. */
export function maySee(caller: Caller, message: { readonly id: string; readonly tag: string | null }): boolean {
  const view = caller.clientView;
  if (view === null) return true;
  return 'messageId' in view ? view.messageId === message.id : view.tag === message.tag;
}

/** Texts and phone numbers: a browser is shown them only where its token says so. */
export const maySeePersonalData = ({ clientView }: Caller): boolean => clientView === null || clientView.personalData;

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
