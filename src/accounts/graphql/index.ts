export { AnyKey, CurrentCaller, ForBrowsersToo, Scopes } from './scopes.js';
export { readTenantId } from './tenant-id-arg.js';
export { TenantType } from './tenant.type.js';
