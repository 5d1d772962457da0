import { describe, expect, test } from 'vitest';
import { afterCall } from '../../../src/callbacks/outgoing/after-call.js';
import type { Posted } from '../../../src/callbacks/outgoing/guarded-sender.js';

const NOW = new Date('2026-01-13T10:00:00.000Z');
const answered = (status: number, retryAfterMs: number | null = null): Posted => ({
  kind: 'answered',
  status,
  retryAfterMs,
});

describe('after a call', () => {
  test.each([200, 201, 202, 204, 299])('%i is success', status => {
    expect(afterCall(answered(status), 1, NOW, 0.5)).toEqual({
      state: 'DELIVERED',
      lastStatusCode: status,
      lastError: null,
      dueAt: null,
      endedAt: NOW,
    });
  });

  test.each([301, 302, 307, 400, 401, 404, 408, 429, 500, 503])('%i comes again', status => {
    expect(afterCall(answered(status), 1, NOW, 0.5)).toEqual({
      state: 'PENDING',
      lastStatusCode: status,
      lastError: `answered ${status}`,
      dueAt: new Date('2026-01-13T10:00:05.000Z'),
      endedAt: null,
    });
  });

  test.each(['refused', 'failed'] as const)('what was %s comes again and says why', kind => {
    expect(afterCall({ kind, reason: 'why' }, 2, NOW, 0.5)).toEqual({
      state: 'PENDING',
      lastStatusCode: null,
      lastError: 'why',
      dueAt: new Date('2026-01-13T10:05:00.000Z'),
      endedAt: null,
    });
  });

  test('410 ends it at once', () => {
    expect(afterCall(answered(410, 5_000), 1, NOW, 0.5)).toEqual({
      state: 'FAILED',
      lastStatusCode: 410,
      lastError: 'answered 410',
      dueAt: null,
      endedAt: NOW,
    });
  });

  test('the tenth failure ends it', () => {
    expect(afterCall(answered(500), 9, NOW, 0.5)).toMatchObject({ state: 'PENDING' });
    expect(afterCall(answered(500), 10, NOW, 0.5)).toMatchObject({ state: 'FAILED', dueAt: null, endedAt: NOW });
    expect(afterCall(answered(200), 10, NOW, 0.5)).toMatchObject({ state: 'DELIVERED' });
  });

  test('Retry-After is waited for', () => {
    const { dueAt } = afterCall(answered(429, 3_600_000), 1, NOW, 0.5);
    expect(dueAt).toEqual(new Date('2026-01-13T11:00:00.000Z'));
  });
});
