import { expect, test } from 'vitest';
import { type ClaimedReceipts, claimedUnder, halvesOf, setsOf } from '../../../src/callbacks/claimed-receipts.js';

const uuid = (last: number): string => `018f0000-0000-7000-8000-${String(last).padStart(12, '0')}`;
const [ANNES, BOBS, CARLS] = [uuid(901), uuid(902), uuid(903)];
const rows = [
  { tenantId: BOBS, id: uuid(4) },
  { tenantId: ANNES, id: uuid(3) },
  { tenantId: CARLS, id: uuid(5) },
  { tenantId: BOBS, id: uuid(1) },
  { tenantId: ANNES, id: uuid(2) },
];

const idsOf = ({ receipts }: ClaimedReceipts): number[] => receipts.map(({ id }) => Number(id.slice(-12)));

test("what was claimed stands by tenant, and each tenant's as it came", () => {
  const claimed = claimedUnder('a lease', rows);
  expect(claimed.lease).toBe('a lease');
  expect(idsOf(claimed)).toEqual([2, 3, 1, 4, 5]);
});

test('sets are of so many tenants at most, and part no tenant', () => {
  const claimed = claimedUnder('a lease', rows);
  expect(setsOf(claimed, 2).map(idsOf)).toEqual([[2, 3, 1, 4], [5]]);
  expect(setsOf(claimed, 1).map(idsOf)).toEqual([[2, 3], [1, 4], [5]]);
  expect(setsOf(claimed, 16).map(idsOf)).toEqual([[2, 3, 1, 4, 5]]);
  expect(setsOf(claimed, 2).every(({ lease }) => lease === 'a lease')).toBe(true);
  expect(setsOf(claimedUnder('a lease', []), 16)).toEqual([]);
});

test('halves keep the order and the lease, and two make one each', () => {
  const claimed = claimedUnder('a lease', rows);
  expect(halvesOf(claimed).map(idsOf)).toEqual([
    [2, 3, 1],
    [4, 5],
  ]);
  const [two] = setsOf(claimed, 1);
  expect(two && halvesOf(two).map(idsOf)).toEqual([[2], [3]]);
  expect(halvesOf(claimed).every(({ lease }) => lease === 'a lease')).toBe(true);
});
