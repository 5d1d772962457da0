import { expect, test } from 'vitest';
import { cutoffs } from '../../../../src/messaging/retention/cutoffs.js';

const NOW = new Date('2026-06-30T12:00:00Z');
const DAYS = { messages: 365, receipts: 30, webhookDeliveries: 20, idempotencyKeys: 7 };
const inDays = (own: number | null): Record<string, number> =>
  Object.fromEntries(
    Object.entries(cutoffs(NOW, DAYS, own)).map(([name, before]) => [
      name,
      (NOW.getTime() - before.getTime()) / 86_400_000,
    ]),
  );

test("without a time of the tenant's own, the platform's hold", () => {
  expect(inDays(null)).toEqual(DAYS);
});

test('a longer time of its own keeps texts and numbers longer, and nothing else', () => {
  expect(inDays(1_000)).toEqual({ ...DAYS, messages: 1_000 });
});

test('a shorter one takes with it whatever tells of the message', () => {
  expect(inDays(10)).toEqual({ messages: 10, receipts: 10, webhookDeliveries: 10, idempotencyKeys: 7 });
});
