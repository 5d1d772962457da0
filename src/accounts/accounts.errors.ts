import { DomainError } from '../kernel/index.js';

/** No key, a wrong one, an expired or a revoked one: the caller learns nothing of which. */
export class Unauthenticated extends DomainError {
  readonly code = 'UNAUTHENTICATED';
  readonly kind = 'unauthenticated';

  constructor() {
    super('A valid API key is needed: send the header "Authorization: Bearer rk_…".');
  }
}

export class Forbidden extends DomainError {
  readonly code = 'FORBIDDEN';
  readonly kind = 'forbidden';
}

/** The key is valid, the place is not: told to a holder of the key only, and never which places are. */
export class AddressNotAllowed extends DomainError {
  readonly code = 'ADDRESS_NOT_ALLOWED';
  readonly kind = 'forbidden';

  constructor() {
    super(
      'This API key may not be used from the address that you call from. Ask whoever issues your keys to have it added.',
    );
  }
}

/** The tenant may not ask for anything new; what it asked for before waits. */
export class TenantSuspended extends DomainError {
  readonly code = 'TENANT_SUSPENDED';
  readonly kind = 'forbidden';

  constructor() {
    super(
      'This tenant is suspended: nothing new is accepted, and what was accepted waits. Ask an administrator of the platform.',
    );
  }
}
