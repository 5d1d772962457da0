import { asTenantId, type TenantId } from '../kernel/index.js';

export interface ReceiptName {
  readonly tenantId: TenantId;
  readonly id: string;
}

/** Stored receipts, of any attempts and tenants, in this worker's hands until their lease ends. */
export interface ClaimedReceipts {
  readonly lease: string;
  /** By tenant, and in the order in which they came (an id begins with its time). */
  readonly receipts: readonly ReceiptName[];
}

/** What a claim answered. */
export function claimedUnder(
  lease: string,
  rows: readonly { readonly tenantId: string; readonly id: string }[],
): ClaimedReceipts {
  const inOrder = rows.toSorted((a, b) => compared(a.tenantId, b.tenantId) || compared(a.id, b.id));
  return { lease, receipts: inOrder.map(({ tenantId, id }) => ({ tenantId: asTenantId(tenantId), id })) };
}

/** In sets that one transaction may hold: of so many tenants at most. */
export function setsOf({ lease, receipts }: ClaimedReceipts, tenants: number): ClaimedReceipts[] {
  const byTenant = [...Map.groupBy(receipts, ({ tenantId }) => tenantId).values()];
  const sets = Array.from({ length: Math.ceil(byTenant.length / tenants) }, (_, index) => index * tenants);
  return sets.map(from => ({ lease, receipts: byTenant.slice(from, from + tenants).flat() }));
}

/** For looking at each half alone. */
export function halvesOf({ lease, receipts }: ClaimedReceipts): ClaimedReceipts[] {
  const middle = Math.ceil(receipts.length / 2);
  return [receipts.slice(0, middle), receipts.slice(middle)].map(half => ({ lease, receipts: half }));
}

const compared = (a: string, b: string): number => Number(a > b) - Number(a < b);
