import { describe, expect, test } from 'vitest';
import type { SubmissionRow } from '../../../src/messaging/submission.entity.js';
import { waitReasonsOf } from '../../../src/messaging/waiting.js';

type Waiting = Parameters<typeof waitReasonsOf>[0][number];

const at = (time: string): Date => new Date(`2026-01-13T${time}Z`);

const waiting = (state: SubmissionRow['state'], changes: Partial<Waiting> = {}): Waiting => ({
  state,
  sandbox: false,
  waitKind: null,
  waitSince: at('09:00:00'),
  waitDetail: null,
  dueAt: null,
  releaseAt: null,
  hold: null,
  waiting: 1,
  sent: 0,
  unconfirmed: 0,
  ...changes,
});

const reasons = (...submissions: readonly Waiting[]) =>
  waitReasonsOf(submissions, { suspendedSince: null, block: null });
const kinds = (...submissions: readonly Waiting[]) => reasons(...submissions).map(({ kind }) => kind);

describe('what waits says why', () => {
  test('a schedule is the wish of the tenant, until its time', () => {
    const releaseAt = at('18:00:00');
    expect(reasons(waiting('SCHEDULED', { releaseAt, dueAt: releaseAt, waiting: 3 }))).toEqual([
      {
        kind: 'SCHEDULE',
        recipients: 3,
        since: at('09:00:00'),
        nextCheckAt: releaseAt,
        explanation: expect.stringContaining('tenant asked'),
      },
    ]);
  });

  test('a hold repeats the sentence that was written when it began', () => {
    const explanation = 'Tuesday 20:30 in Paris is outside 08:00 to 20:00.';
    const hold = {
      rule: 'QUIET_HOURS',
      policy: 'smspartner',
      timeZone: 'Europe/Paris',
      localTime: '2026-01-13T20:30:00',
      holiday: null,
      explanation,
    } as const;
    expect(reasons(waiting('HELD', { releaseAt: at('07:00:00'), hold }))).toMatchObject([
      { kind: 'LAW', nextCheckAt: at('07:00:00'), explanation },
    ]);
  });

  test.each([
    ['QUEUE', 'QUEUE', 'queue'],
    [null, 'QUEUE', 'queue'],
    ['RATE_LIMIT', 'RATE_LIMIT', 'slow down (why)'],
    ['PROVIDER_DOWN', 'PROVIDER_DOWN', 'could not be reached (why)'],
    ['PROVIDER_ACCOUNT', 'PROVIDER_ACCOUNT', 'account refuses to send; operators are alarmed (why)'],
  ] as const)('what is queued with %s waits as %s until it is due', (waitKind, kind, words) => {
    const [reason] = reasons(waiting('QUEUED', { waitKind, waitDetail: 'why', dueAt: at('09:01:00') }));
    expect(reason).toMatchObject({ kind, recipients: 1, nextCheckAt: at('09:01:00') });
    expect(reason?.explanation).toContain(words);
  });

  test('a call under way is looked at again when its lease ends', () => {
    expect(reasons(waiting('SENDING', { dueAt: at('09:00:30') }))).toMatchObject([
      { kind: 'QUEUE', nextCheckAt: at('09:00:30') },
    ]);
  });

  test('a doubt counts those in doubt, says what is not known and that nothing is sent again', () => {
    const [reason] = reasons(waiting('UNCONFIRMED', { waiting: 0, unconfirmed: 7, waitDetail: 'timed out' }));
    expect(reason).toMatchObject({ kind: 'DOUBT', recipients: 7, nextCheckAt: null });
    expect(reason?.explanation).toMatch(/timed out.*not sent again/);
  });

  test('what the provider has waits for receipts, as many as are still out', () => {
    expect(reasons(waiting('DONE', { waiting: 0, sent: 4 }))).toMatchObject([
      { kind: 'RECEIPT', recipients: 4, nextCheckAt: null },
    ]);
  });

  test('what is done waits for nothing', () => {
    expect(reasons(waiting('DONE', { waiting: 0 }))).toEqual([]);
  });

  test.each(['SCHEDULED', 'HELD', 'QUEUED'] as const)('%s of a suspended tenant waits for the tenant', state => {
    const submission = waiting(state, { releaseAt: at('18:00:00'), dueAt: at('18:00:00') });
    expect(waitReasonsOf([submission], { suspendedSince: at('17:00:00'), block: null })).toMatchObject([
      { kind: 'TENANT_SUSPENDED', recipients: 1, since: at('17:00:00'), nextCheckAt: null },
    ]);
  });

  test('a suspended tenant still awaits its receipts and its doubts', () => {
    const submissions = [waiting('DONE', { waiting: 0, sent: 1 }), waiting('UNCONFIRMED', { unconfirmed: 1 })];
    expect(waitReasonsOf(submissions, { suspendedSince: at('17:00:00'), block: null }).map(({ kind }) => kind)).toEqual(
      ['RECEIPT', 'DOUBT'],
    );
  });
});

const STORED_HOLD = {
  rule: 'QUIET_HOURS',
  policy: 'smspartner',
  timeZone: 'Europe/Paris',
  localTime: '2026-01-12T21:00:00',
  holiday: null,
} as const;

const hold = (explanation: string) => ({ ...STORED_HOLD, explanation });

describe('submissions that wait for the same reason are told together', () => {
  test('with all their recipients, since the first and until the earliest', () => {
    const late = waiting('QUEUED', {
      waitKind: 'PROVIDER_DOWN',
      waiting: 500,
      waitSince: at('08:00:00'),
      dueAt: at('10:00:00'),
      waitDetail: 'no route',
    });
    const early = { ...late, waiting: 2, waitSince: at('09:00:00'), dueAt: at('09:30:00') };
    for (const order of [
      [late, early],
      [early, late],
    ]) {
      expect(reasons(...order)).toEqual([
        {
          kind: 'PROVIDER_DOWN',
          recipients: 502,
          since: at('08:00:00'),
          nextCheckAt: at('09:30:00'),
          explanation: expect.stringContaining('no route'),
        },
      ]);
    }
  });

  test('and what is told in other words stays apart: each territory with its own hour', () => {
    const paris = waiting('HELD', { releaseAt: at('07:00:00'), hold: hold('Paris'), waiting: 3 });
    const reunion = waiting('HELD', { releaseAt: at('04:00:00'), hold: hold('Réunion'), waiting: 2 });
    expect(reasons(paris, reunion)).toMatchObject([
      { kind: 'LAW', recipients: 3, nextCheckAt: at('07:00:00'), explanation: 'Paris' },
      { kind: 'LAW', recipients: 2, nextCheckAt: at('04:00:00'), explanation: 'Réunion' },
    ]);
  });

  test('and different reasons stay apart', () => {
    expect(
      kinds(
        waiting('HELD', { releaseAt: at('07:00:00') }),
        waiting('QUEUED', { waitKind: 'RATE_LIMIT' }),
        waiting('DONE', { waiting: 0, sent: 1 }),
        waiting('HELD', { releaseAt: at('06:00:00') }),
      ),
    ).toEqual(['LAW', 'RATE_LIMIT', 'RECEIPT']);
  });

  test('a reason without a next look does not hide one with', () => {
    const someday = waiting('QUEUED', { waitKind: 'PROVIDER_DOWN', dueAt: null });
    const soon = { ...someday, dueAt: at('09:30:00') };
    expect(reasons(someday, soon)).toMatchObject([{ nextCheckAt: at('09:30:00') }]);
    expect(reasons(soon, someday)).toMatchObject([{ nextCheckAt: at('09:30:00') }]);
  });
});
