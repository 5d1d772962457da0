declare const brand: unique symbol;

/** A tenant's id, checked once at the edge: no other string slips into a query's first place. */
export type TenantId = string & { readonly [brand]: 'TenantId' };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isUuid = (value: string): boolean => UUID.test(value);

/** The only place that mints a TenantId. Throws on anything that is not a lower-case UUID: that is a bug, not an input. */
export function asTenantId(value: string): TenantId {
  if (!isUuid(value)) throw new Error('a tenant id must be a UUID in lower case');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that mints it
  return value as TenantId;
}

/** Owner of what belongs to no tenant: administrators' keys and their acts. No row of `tenants` has it. */
export const PLATFORM = asTenantId('00000000-0000-0000-0000-000000000000');
