import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashSecret } from '../../src/kernel/index.js';
import { attemptsOf, chargesOf, outcomesOf, refundsOf, secretOf, submissionsOf } from '../support/attempts.js';
import { accepted, acceptedFor, balanceOf, cancel, deliveriesOf, look, type MessageView } from '../support/messages.js';
import {
  BLOCKED,
  notSent,
  OUTSIDE_HOURS,
  REFUSED,
  refuseOnly,
  ScriptedProvider,
  UNKNOWN,
  UNREACHABLE,
  NO_ANSWER,
} from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const WEDNESDAY_8 = '2026-01-14T07:00:00.000Z';
const THREE = ['+33612345601', '+33612345602', '+33612345603'];

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider });
  tenant = await app.tenant();
});
afterEach(() => app.close());

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);
const waitOf = async (message: MessageView) => (await see(message)).waiting[0];
const statusesOf = async (message: MessageView): Promise<string[]> =>
  (await deliveriesOf(tenant.gql, message.id)).map(({ status }) => status);
const nextCheckOf = async (message: MessageView): Promise<Date> => {
  const next = (await waitOf(message))?.nextCheckAt;
  if (next === undefined || next === null) throw new Error('nobody looks at it again');
  return new Date(next);
};
const toInstant = async (instant: Date): Promise<void> => {
  app.clock.set(instant.toISOString());
  await app.tick();
};

describe('a provider call', () => {
  test('is written down and committed before it is made, and holds no lock while it lasts', async () => {
    provider.answers(async sms => {
      const [attempt] = await app.sql(
        'select a.tag, a.outcome, a.secret_hash, a.provider, s.state from attempts a join submissions s on s.attempt_id = a.id',
      );
      const secrets = [secretOf(sms.receiptUrl), secretOf(sms.replyUrl)];
      expect(attempt).toEqual({
        tag: sms.tag,
        outcome: null,
        secret_hash: hashSecret(secrets[0] ?? ''),
        provider: 'scripted',
        state: 'SENDING',
      });
      expect(new Set(secrets).size).toBe(1);
      for (const table of ['messages', 'submissions', 'deliveries', 'attempts', 'balances', 'tenants']) {
        expect((await app.sql(`select 1 from ${table} for update nowait`)).length).toBeGreaterThan(0);
      }
      const open = await app.sql(
        `select query from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
      );
      expect(open).toEqual([]);
      return { status: 'accepted', providerMessageId: '7', parts: 1, cost: '0.045', currency: 'EUR' };
    });
    const message = await accepted(tenant.gql);
    await app.tick();
    // What an expectation above threw would have left the call without a recorded answer.
    expect(await attemptsOf(app, message.id)).toMatchObject([{ outcome: 'accepted', provider_message_id: '7' }]);
  });

  test('that is accepted leaves SENT, charged for good, with nothing paid back', async () => {
    const message = await accepted(tenant.gql, { to: THREE });
    await app.tick();
    expect(await see(message)).toMatchObject({ status: 'SENT', counts: { sent: 3, waiting: 0 }, cost: '0.1350' });
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED', 'CHARGED', 'CHARGED']);
    expect(await refundsOf(app, message.id)).toEqual([]);
    expect(await balanceOf(tenant.gql)).toBe('99.8650');
    expect(provider.recipients).toEqual([THREE]);
    await app.tick();
    expect(provider.calls).toHaveLength(1);
  });

  test('is not made for a message that was cancelled before', async () => {
    const message = await accepted(tenant.gql);
    await cancel(tenant.gql, message.id);
    await app.tick();
    expect(provider.calls).toEqual([]);
    expect(await attemptsOf(app, message.id)).toEqual([]);
    expect((await see(message)).status).toBe('CANCELLED');
  });

  test('is not taken back by a cancellation that comes during it', async () => {
    const message = await accepted(tenant.gql);
    provider.answers(async () => {
      expect(await cancel(tenant.gql, message.id)).toMatchObject({ __typename: 'TooLate', status: 'SENDING' });
      return REFUSED;
    });
    await app.tick();
    expect(await outcomesOf(app, message.id)).toEqual(['refused']);
  });

  test('is not made again for a message that was cancelled between two tries', async () => {
    provider.answers(UNREACHABLE);
    const message = await accepted(tenant.gql);
    await app.tick();
    const again = await nextCheckOf(message);
    expect((await cancel(tenant.gql, message.id)).__typename).toBe('Message');
    await toInstant(again);
    expect(provider.calls).toHaveLength(1);
    expect(await balanceOf(tenant.gql)).toBe('100.0000');
  });
});

describe('a refusal', () => {
  test('of the whole call ends it: REFUSED with the code, paid back once, FAILED', async () => {
    provider.answers(REFUSED);
    const message = await accepted(tenant.gql, { to: THREE });
    await app.tick();
    expect(await see(message)).toMatchObject({ status: 'FAILED', counts: { refused: 3 }, cost: '0.0000', waiting: [] });
    expect(await deliveriesOf(tenant.gql, message.id)).toEqual(
      THREE.map(() => expect.objectContaining({ status: 'REFUSED', errorCode: '44', errorMessage: REFUSED.reason })),
    );
    expect(await refundsOf(app, message.id)).toEqual(['0.1350']);
    app.clock.advance({ days: 3 });
    await app.tick();
    expect(await refundsOf(app, message.id)).toEqual(['0.1350']);
    expect(await balanceOf(tenant.gql)).toBe('100.0000');
    expect(provider.calls).toHaveLength(1);
  });

  test('that names one of three refuses that one, and the two others go in a new call with a tag of its own', async () => {
    provider.answers(refuseOnly('+33612345602'));
    const message = await accepted(tenant.gql, { to: THREE });
    await app.tick();
    expect(provider.recipients).toEqual([THREE, ['+33612345601', '+33612345603']]);
    expect(new Set(provider.tags).size).toBe(2);
    expect(new Set(provider.calls.map(({ sms }) => sms.receiptUrl)).size).toBe(2);
    expect(await outcomesOf(app, message.id)).toEqual(['refused', 'accepted']);
    expect(await statusesOf(message)).toEqual(['SENT', 'REFUSED', 'SENT']);
    expect((await deliveriesOf(tenant.gql, message.id))[1]).toMatchObject({ errorCode: '13' });
    expect(await refundsOf(app, message.id)).toEqual(['0.0450']);
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED', 'RETURNED', 'CHARGED']);
    expect(await see(message)).toMatchObject({ status: 'SENT', cost: '0.0900' });
  });

  test('that names somebody else is not understood, so nobody is refused, called again or paid back', async () => {
    provider.answers(refuseOnly('+33699999999'));
    const message = await accepted(tenant.gql, { to: THREE });
    await app.tick();
    app.clock.advance({ seconds: 31 });
    await app.tick();
    expect(provider.calls).toHaveLength(1);
    expect((await see(message)).status).toBe('UNCONFIRMED');
    expect(await refundsOf(app, message.id)).toEqual([]);
  });
});

describe('a call that provably did not go', () => {
  test('waits with its reason and is made again when it said, not before', async () => {
    provider.answers(UNREACHABLE);
    const message = await accepted(tenant.gql);
    await app.tick();
    expect(await see(message)).toMatchObject({ status: 'QUEUED', counts: { waiting: 1 } });
    expect(await waitOf(message)).toMatchObject({
      kind: 'PROVIDER_DOWN',
      since: TUESDAY,
      explanation: expect.stringContaining('ECONNREFUSED'),
    });
    const again = await nextCheckOf(message);
    await toInstant(new Date(again.getTime() - 1));
    expect(provider.calls).toHaveLength(1);
    await toInstant(again);
    expect(provider.calls).toHaveLength(2);
    expect(new Set(provider.tags).size).toBe(2);
    expect(await see(message)).toMatchObject({ status: 'SENT' });
  });

  test('backs off twice as long each time, up to ten minutes', async () => {
    provider.otherwise = UNREACHABLE;
    const message = await accepted(tenant.gql);
    await app.tick();
    for (const ceiling of [30, 60, 120, 240, 480, 600, 600]) {
      const again = await nextCheckOf(message);
      const seconds = (again.getTime() - app.clock.now().getTime()) / 1_000;
      expect(seconds).toBeGreaterThanOrEqual(ceiling / 2);
      expect(seconds).toBeLessThanOrEqual(ceiling);
      await toInstant(again);
    }
    expect(provider.calls).toHaveLength(8);
  });

  test('is made again at different moments for different messages: no herd comes back at once', async () => {
    provider.otherwise = UNREACHABLE;
    const messages = [];
    for (let count = 0; count < 6; count += 1) messages.push(await accepted(tenant.gql));
    await app.tick();
    const moments = new Set<number>();
    for (const message of messages) moments.add((await nextCheckOf(message)).getTime());
    expect(moments.size).toBeGreaterThan(1);
  });

  test('waits as long as the provider asks', async () => {
    provider.answers(notSent('rate-limited', 300_000));
    const message = await accepted(tenant.gql);
    await app.tick();
    expect(await waitOf(message)).toMatchObject({ kind: 'RATE_LIMIT', nextCheckAt: '2026-01-13T10:05:00.000Z' });
  });

  test('is given up at the end of its validity: FAILED, VALIDITY_EXPIRED, paid back', async () => {
    provider.otherwise = UNREACHABLE;
    const message = await accepted(tenant.gql, { validitySeconds: 120 });
    const end = new Date('2026-01-13T10:02:00Z');
    await app.tick();
    while ((await see(message)).status === 'QUEUED') {
      const again = await nextCheckOf(message);
      expect(again.getTime()).toBeLessThanOrEqual(end.getTime());
      await toInstant(again);
    }
    expect(app.clock.now()).toEqual(end);
    const madeBefore = provider.calls.length;
    expect(madeBefore).toBeGreaterThanOrEqual(3);
    expect((await see(message)).status).toBe('FAILED');
    expect(await deliveriesOf(tenant.gql, message.id)).toMatchObject([
      { status: 'REFUSED', errorCode: 'VALIDITY_EXPIRED' },
    ]);
    expect(await refundsOf(app, message.id)).toEqual(['0.0450']);
    app.clock.advance({ hours: 1 });
    await app.tick();
    expect(provider.calls).toHaveLength(madeBefore);
  });
});

describe('a blocked account', () => {
  test('fails nothing: everything waits, is tried again a minute later, and leaves when it is mended', async () => {
    provider.answers(BLOCKED, BLOCKED);
    const message = await accepted(tenant.gql);
    await app.tick();
    expect(await waitOf(message)).toMatchObject({
      kind: 'PROVIDER_ACCOUNT',
      nextCheckAt: '2026-01-13T10:01:00.000Z',
      explanation: expect.stringContaining('the API key is wrong'),
    });
    expect(await statusesOf(message)).toEqual(['WAITING']);
    await toInstant(new Date('2026-01-13T10:00:59.999Z'));
    expect(provider.calls).toHaveLength(1);
    await toInstant(new Date('2026-01-13T10:01:00Z'));
    expect(provider.calls).toHaveLength(2);
    expect(await waitOf(message)).toMatchObject({ nextCheckAt: '2026-01-13T10:02:00.000Z' });
    await toInstant(new Date('2026-01-13T10:02:00Z'));
    expect((await see(message)).status).toBe('SENT');
    expect(await outcomesOf(app, message.id)).toEqual(['blocked', 'blocked', 'accepted']);
  });
});

describe('hours that only the provider keeps', () => {
  test('hold a commercial SMS for minutes while our own window is open, say so, and let it leave then', async () => {
    provider.answers(OUTSIDE_HOURS);
    const message = await accepted(tenant.gql);
    await app.tick();
    const inTenMinutes = '2026-01-13T10:10:00.000Z';
    expect(await see(message)).toMatchObject({
      status: 'HELD',
      releaseAt: inTenMinutes,
      holds: [{ rule: 'QUIET_HOURS', policy: 'provider', localTime: '2026-01-13T11:00:00', releaseAt: inTenMinutes }],
      counts: { waiting: 1 },
    });
    await toInstant(new Date('2026-01-13T10:09:59Z'));
    expect(provider.calls).toHaveLength(1);
    await toInstant(new Date(inTenMinutes));
    expect(provider.calls).toHaveLength(2);
    expect((await see(message)).status).toBe('SENT');
  });

  test('hold it longer each time, over our own night where they must, and never beyond its validity', async () => {
    provider.answers(...Array.from({ length: 20 }, () => OUTSIDE_HOURS));
    const message = await accepted(tenant.gql);
    const releases: (string | null)[] = [];
    for (let day = 0; day < 12 && (await see(message)).status !== 'FAILED'; day += 1) {
      await app.tick();
      const { releaseAt } = await see(message);
      releases.push(releaseAt);
      await toInstant(new Date(releaseAt ?? app.clock.now()));
    }
    expect(releases.slice(0, 4)).toEqual([
      '2026-01-13T10:10:00.000Z',
      '2026-01-13T10:30:00.000Z',
      '2026-01-13T11:10:00.000Z',
      '2026-01-13T12:30:00.000Z',
    ]);
    expect(releases).toContain(WEDNESDAY_8);
    expect(await see(message)).toMatchObject({ status: 'FAILED', cost: '0.0000' });
  });

  test('mean for a transactional SMS that the account is a commercial one: it waits for the operators', async () => {
    provider.answers(OUTSIDE_HOURS);
    const message = await accepted(tenant.gql, { category: 'TRANSACTIONAL' });
    await app.tick();
    expect(await see(message)).toMatchObject({ status: 'QUEUED', holds: [] });
    expect(await waitOf(message)).toMatchObject({ kind: 'PROVIDER_ACCOUNT', nextCheckAt: '2026-01-13T10:01:00.000Z' });
    await toInstant(new Date('2026-01-13T10:01:00Z'));
    expect((await see(message)).status).toBe('SENT');
  });
});

describe('a call whose answer nobody knows', () => {
  test('is never made again while the provider does not say, and its money stays reserved', async () => {
    provider.onFindByTag = NO_ANSWER;
    provider.answers(UNKNOWN);
    const message = await accepted(tenant.gql, { to: THREE });
    await app.tick();
    for (let day = 0; day < 12; day += 1) {
      for (let hour = 0; hour < 3; hour += 1) {
        await app.tick();
        app.clock.advance({ hours: 8 });
      }
    }
    expect(provider.calls).toHaveLength(1);
    expect(await see(message)).toMatchObject({ status: 'UNCONFIRMED', counts: { unconfirmed: 3 }, cost: '0.1350' });
    expect(await waitOf(message)).toMatchObject({ kind: 'DOUBT', recipients: 3, since: TUESDAY });
    expect(await chargesOf(app, message.id)).toEqual(['RESERVED', 'RESERVED', 'RESERVED']);
    expect(await balanceOf(tenant.gql)).toBe('99.8650');
    expect(await cancel(tenant.gql, message.id)).toMatchObject({ __typename: 'TooLate' });
  });

  test('is in doubt too when the adapter throws in mid-call', async () => {
    provider.onFindByTag = NO_ANSWER;
    provider.answers(() => Promise.reject(new Error('a bug in an adapter')));
    const message = await accepted(tenant.gql);
    await app.tick();
    app.clock.advance({ seconds: 30 });
    await app.tick();
    app.clock.advance({ days: 2 });
    await app.tick();
    expect(provider.calls).toHaveLength(1);
    expect((await see(message)).status).toBe('UNCONFIRMED');
  });
});

describe('no commercial call starts outside its window', () => {
  test('queued at 19:59 and looked at at 20:00:00, it is held to the morning', async () => {
    app.clock.set('2026-01-13T18:59:00Z');
    const message = await accepted(tenant.gql);
    expect(message.status).toBe('QUEUED');
    await toInstant(new Date('2026-01-13T19:00:00Z'));
    expect(provider.calls).toEqual([]);
    expect(await see(message)).toMatchObject({ status: 'HELD', releaseAt: WEDNESDAY_8 });
    await toInstant(new Date(WEDNESDAY_8));
    expect(provider.calls).toHaveLength(1);
  });

  test('a try that failed at 19:59:50 is not made again in the evening', async () => {
    app.clock.set('2026-01-13T18:59:50Z');
    provider.answers(UNREACHABLE);
    const message = await accepted(tenant.gql);
    await app.tick();
    await toInstant(await nextCheckOf(message));
    expect(provider.calls).toHaveLength(1);
    expect(await see(message)).toMatchObject({ status: 'HELD', releaseAt: WEDNESDAY_8 });
    expect((await submissionsOf(app, message.id))[0]).toMatchObject({ lease: null });
  });

  test('scheduled for 19:59 and released late, it is held to the morning', async () => {
    const message = await acceptedFor(tenant.gql, '2026-01-13T18:59:00Z');
    expect(message.status).toBe('SCHEDULED');
    await toInstant(new Date('2026-01-13T19:00:00Z'));
    expect(provider.calls).toEqual([]);
    expect(await see(message)).toMatchObject({ status: 'HELD', releaseAt: WEDNESDAY_8 });
  });

  test('a transactional one leaves in the evening as well', async () => {
    app.clock.set('2026-01-13T21:30:00Z');
    await accepted(tenant.gql, { category: 'TRANSACTIONAL' });
    await app.tick();
    expect(provider.calls).toHaveLength(1);
  });
});
