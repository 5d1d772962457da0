import { asTenantId, isUuid, NotFound, PLATFORM, type TenantId } from '../../kernel/index.js';

/** An id from outside. What is no UUID cannot be a tenant's. */
export function readTenantId(id: string): TenantId {
  const lower = id.toLowerCase();
  if (!isUuid(lower) || lower === PLATFORM) throw new NotFound('tenant');
  return asTenantId(lower);
}
