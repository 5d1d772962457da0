import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canMove, DELIVERY_STATUSES } from '../../../src/messaging/delivery-status.js';
import { moveBy } from '../../../src/messaging/leaving/delivery-report.js';

const report = (status: 'delivered' | 'undelivered' | 'waiting', errorCode: string | null = null) => ({
  phoneNumber: '+33612345678',
  providerMessageId: null,
  status,
  errorCode,
});

test('a report takes a delivery forward, with the reason where there is one', () => {
  const delivered = { status: 'DELIVERED', errorCode: null, errorMessage: null };
  expect(moveBy(report('delivered'), 'SENT')).toEqual(delivered);
  expect(moveBy(report('delivered', 'ko'), 'UNDELIVERED')).toEqual(delivered);
  const errorMessage = 'The operator could not deliver it.';
  expect(moveBy(report('undelivered'), 'SENT')).toEqual({
    status: 'UNDELIVERED',
    errorCode: 'NOT_DELIVERED',
    errorMessage,
  });
  expect(moveBy(report('undelivered', 'ko'), 'SENT')).toEqual({ status: 'UNDELIVERED', errorCode: 'ko', errorMessage });
});

test('a report that tells nothing new, or comes too late, takes it nowhere', () => {
  for (const from of DELIVERY_STATUSES) expect(moveBy(report('waiting'), from)).toBeNull();
  expect(moveBy(report('delivered'), 'DELIVERED')).toBeNull();
  expect(moveBy(report('undelivered'), 'UNDELIVERED')).toBeNull();
  expect(moveBy(report('undelivered'), 'DELIVERED')).toBeNull();
  expect(moveBy(report('undelivered'), 'EXPIRED')).toBeNull();
  expect(moveBy(report('delivered'), 'CANCELLED')).toBeNull();
});

test('whatever is reported, it goes only along the table', () => {
  const words = fc.constantFrom('delivered' as const, 'undelivered' as const, 'waiting' as const);
  fc.assert(
    fc.property(words, fc.constantFrom(...DELIVERY_STATUSES), (word, from) => {
      const to = moveBy(report(word), from);
      expect(to === null || canMove(from, to.status)).toBe(true);
    }),
  );
});
