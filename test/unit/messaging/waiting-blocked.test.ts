import { describe, expect, test } from 'vitest';
import { type AccountBlock, waitReasonsOf } from '../../../src/messaging/waiting.js';

type Waiting = Parameters<typeof waitReasonsOf>[0][number];

const at = (time: string): Date => new Date(`2026-01-13T${time}Z`);
const BLOCK: AccountBlock = { since: at('09:30:00'), probeAt: at('10:01:00'), reason: 'there is no credit left' };

const waiting = (state: Waiting['state'], changes: Partial<Waiting> = {}): Waiting => ({
  state,
  sandbox: false,
  waitKind: null,
  waitSince: at('09:00:00'),
  waitDetail: null,
  dueAt: at('09:00:00'),
  releaseAt: null,
  hold: null,
  waiting: 1,
  sent: 0,
  unconfirmed: 0,
  ...changes,
});

const reasons = (...submissions: readonly Waiting[]) =>
  waitReasonsOf(submissions, { suspendedSince: null, block: BLOCK });

describe('where the account that is to carry it is blocked', () => {
  test.each(['QUEUE', 'RATE_LIMIT', 'PROVIDER_DOWN', 'PROVIDER_ACCOUNT', null] as const)(
    'what is queued with %s waits for the account: since the block began, until the next probe, and says why',
    waitKind => {
      expect(reasons(waiting('QUEUED', { waitKind, waiting: 3 }))).toEqual([
        {
          kind: 'PROVIDER_ACCOUNT',
          recipients: 3,
          since: BLOCK.since,
          nextCheckAt: BLOCK.probeAt,
          explanation: expect.stringMatching(/refuses to send.*\(there is no credit left\)/),
        },
      ]);
    },
  );

  test('what came later waits since it came', () => {
    expect(reasons(waiting('QUEUED', { waitSince: at('09:45:00') }))).toMatchObject([{ since: at('09:45:00') }]);
  });

  test('all of it is told together, whatever its own state said', () => {
    const tried = waiting('QUEUED', { waitKind: 'PROVIDER_ACCOUNT', waitDetail: 'the API key is wrong', waiting: 2 });
    const untried = waiting('QUEUED', { waitKind: 'QUEUE', waiting: 500, waitSince: at('09:50:00') });
    for (const order of [
      [tried, untried],
      [untried, tried],
    ]) {
      expect(reasons(...order)).toMatchObject([
        { kind: 'PROVIDER_ACCOUNT', recipients: 502, since: BLOCK.since, nextCheckAt: BLOCK.probeAt },
      ]);
    }
  });

  test('a sandbox message does not wait for it', () => {
    expect(reasons(waiting('QUEUED', { sandbox: true, waitKind: 'QUEUE' }))).toMatchObject([
      { kind: 'QUEUE', nextCheckAt: at('09:00:00') },
    ]);
  });

  test.each([
    ['SCHEDULED', 'SCHEDULE', { releaseAt: at('18:00:00') }],
    ['HELD', 'LAW', { releaseAt: at('18:00:00') }],
    ['SENDING', 'QUEUE', {}],
    ['UNCONFIRMED', 'DOUBT', { unconfirmed: 1 }],
    ['DONE', 'RECEIPT', { sent: 1, waiting: 0 }],
  ] as const)('what is %s waits for what it waited for: %s', (state, kind, changes) => {
    expect(reasons(waiting(state, changes)).map(reason => reason.kind)).toEqual([kind]);
  });

  test('a suspended tenant waits to be reactivated first', () => {
    const tenant = { suspendedSince: at('09:40:00'), block: BLOCK };
    expect(waitReasonsOf([waiting('QUEUED')], tenant)).toMatchObject([
      { kind: 'TENANT_SUSPENDED', since: at('09:40:00'), nextCheckAt: null },
    ]);
  });
});

describe('a doubt', () => {
  test('says when the provider is asked next', () => {
    const doubt = waiting('UNCONFIRMED', { unconfirmed: 2, dueAt: at('10:00:20') });
    expect(reasons(doubt)).toMatchObject([{ kind: 'DOUBT', recipients: 2, nextCheckAt: at('10:00:20') }]);
  });

  test('that waits for an administrator is looked at by nobody else', () => {
    const doubt = waiting('UNCONFIRMED', {
      unconfirmed: 1,
      dueAt: null,
      waitDetail: 'denied; an administrator decides',
    });
    const [reason] = reasons(doubt);
    expect(reason).toMatchObject({ kind: 'DOUBT', nextCheckAt: null });
    expect(reason?.explanation).toContain('an administrator decides');
  });
});
