import { PLATFORM, type TenantId, Transactions } from '../kernel/index.js';
import type { TenantStore } from './tenant.store.js';

const PAGE = 500;

/** The ids of the platform and of all tenants, some hundreds at a time. */
export async function* allTenants(
  transactions: Transactions,
  tenants: TenantStore,
): AsyncGenerator<readonly TenantId[]> {
  yield [PLATFORM];
  for (let before: TenantId | null = null; ;) {
    const after: TenantId | null = before;
    const page: TenantId[] = await transactions.run([], tx => tenants.idsBefore(tx, after, PAGE));
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    before = last;
  }
}
