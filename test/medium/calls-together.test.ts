import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClaimSubmissions } from '../../src/messaging/leaving/claim-submissions.js';
import { DispatchSubmission } from '../../src/messaging/leaving/dispatch-submission.js';
import { PrepareAttempt } from '../../src/messaging/leaving/prepare-attempt.js';
import { refundsOf } from '../support/attempts.js';
import { acceptedBatch, bareOf, carriedBy, inBulk, numberOf, pairs } from '../support/batches.js';
import { booksOf } from '../support/ledger.js';
import { accepted, cancel, look, type MessageView } from '../support/messages.js';
import {
  accept,
  answered,
  BLOCKED,
  NO_ANSWER,
  notSent,
  OUTSIDE_HOURS,
  REFUSED,
  refuseOnly,
  ScriptedProvider,
  UNKNOWN,
} from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  provider = new ScriptedProvider();
  provider.onFindByTag = NO_ANSWER;
  app = await appAt(TUESDAY, { provider });
  tenant = await app.tenant();
});
afterEach(() => app.close());

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);
const statuses = (messages: readonly MessageView[]): Promise<string[]> =>
  Promise.all(messages.map(async message => (await see(message)).status));
const sizes = (): number[] => provider.recipients.map(recipients => recipients.length).toSorted((a, b) => b - a);
const after = async (minutes: number): Promise<void> => {
  app.clock.advance({ minutes });
  await app.tick();
};

/** One worker comes for one of them. */
async function callOnce(of: TestApp = app): Promise<void> {
  const [claimed] = await of.nest.get(ClaimSubmissions).execute('QUEUED', 1);
  if (claimed === undefined) throw new Error('nothing is queued');
  await of.nest.get(DispatchSubmission).execute(claimed);
}

const queuedIn = async (of: TestApp): Promise<number> =>
  (await of.sql(`select 1 from submissions where state = 'QUEUED'`)).length;

/** As many messages, a text and a number each. */
async function waiting(count: number): Promise<MessageView[]> {
  const messages = [];
  for (const { to, text } of pairs(count)) messages.push(await accepted(tenant.gql, { to: [to], text }));
  return messages;
}

describe('small messages of a tenant that wait', () => {
  test('share a call, each text to its number, and each is told for itself', async () => {
    const messages = await waiting(20);
    await callOnce();
    expect(sizes()).toEqual([20]);
    expect(bareOf(carriedBy(provider))).toEqual(bareOf(pairs(20)));
    for (const message of messages) {
      const { status, timeline } = await see(message);
      expect(status).toBe('SENT');
      expect(timeline.map(({ kind }) => kind)).toEqual(['accepted', 'attempt', 'sent']);
    }
  });

  test('leave once each, however many calls are prepared at once', async () => {
    const messages = await waiting(60);
    await Promise.all([app.tick(), app.tick()]);
    expect(bareOf(carriedBy(provider))).toEqual(bareOf(pairs(60)));
    expect(new Set(await statuses(messages))).toEqual(new Set(['SENT']));
    await after(30);
    expect(provider.recipients.flat()).toHaveLength(60);
  });

  test('share it with nothing of other options, categories, tenants, batches, the sandbox or a text to many', async () => {
    const other = await app.tenant();
    await accepted(tenant.gql, { to: [numberOf(1)], sender: 'BOUTIQUE' });
    await accepted(tenant.gql, { to: [numberOf(2)], category: 'TRANSACTIONAL' });
    await accepted(tenant.gql, { to: [numberOf(3)], unicode: true, text: 'ありがとう' });
    await accepted(tenant.gql, { to: [numberOf(4), numberOf(5)] });
    await accepted(tenant.gql, { to: [numberOf(6)], sandbox: true });
    await accepted(tenant.gql, { to: [numberOf(7)] });
    await accepted(other.gql, { to: [numberOf(8)] });
    await acceptedBatch(tenant.gql, { messages: pairs(3) });
    await app.tick();
    // The sandbox has a provider of its own.
    expect(sizes()).toEqual([3, 2, 1, 1, 1, 1, 1]);
    expect(await app.sql(`select count(*)::int as left from submissions where state <> 'DONE'`)).toEqual([{ left: 0 }]);
  });

  test('never go twice to one number in a call: the second text goes in its own', async () => {
    const messages = [await accepted(tenant.gql, { to: [numberOf(0)], text: 'Une deuxième' }), ...(await waiting(3))];
    await callOnce();
    expect(sizes()).toEqual([3]);
    await app.tick();
    expect(sizes()).toEqual([3, 1]);
    expect(await statuses(messages)).toEqual(messages.map(() => 'SENT'));
  });

  test('are taken along by whoever calls first, claimed by another or not, and leave him nothing to do', async () => {
    const messages = await waiting(4);
    const claimed = await app.nest.get(ClaimSubmissions).execute('QUEUED', 3);
    const calls = [];
    for (const one of claimed) calls.push(await app.nest.get(PrepareAttempt).execute(one));
    expect(calls.map(call => call?.sms.kind ?? null)).toEqual(['bulk', null, null]);
    expect(await statuses(messages)).toEqual(messages.map(() => 'SENDING'));
  });

  test('go by themselves, or by so many, where the operator says so', async () => {
    for (const [most, calls] of [
      ['1', [1, 1, 1, 1, 1]],
      ['2', [2, 2, 1]],
    ] as const) {
      const own = new ScriptedProvider();
      const other = await appAt(TUESDAY, { provider: own, env: { PROVIDER_MESSAGES_PER_CALL: most } });
      const { gql } = await other.tenant();
      for (const { to, text } of pairs(5)) await accepted(gql, { to: [to], text });
      for (let left = 5; left > 0; left = await queuedIn(other)) await callOnce(other);
      expect(own.recipients.map(({ length }) => length).toSorted((a, b) => b - a)).toEqual(calls);
      await other.close();
    }
  });

  test('go without what was cancelled meanwhile', async () => {
    const messages = await waiting(3);
    await cancel(tenant.gql, messages[1]?.id ?? '');
    await callOnce();
    expect(await statuses(messages)).toEqual(['SENT', 'CANCELLED', 'SENT']);
    expect(provider.recipients).toEqual([[numberOf(0), numberOf(2)]]);
  });
});

test('many texts to one number wait for their own calls as if nobody had looked, and keep their waiting time', async () => {
  const messages = [];
  for (let index = 0; index < 12; index += 1) {
    messages.push(await accepted(tenant.gql, { to: [numberOf(0)], text: `Alerte ${index}` }));
  }
  app.clock.advance({ minutes: 5 });
  await callOnce();
  expect(sizes()).toEqual([1]);
  const [{ versions } = { versions: null }] = await app.sql(
    `select array_agg(distinct version) as versions from messages where status = 'QUEUED'`,
  );
  expect(versions).toEqual([0]);
  const told = await Promise.all(messages.map(see));
  const since = told.flatMap(({ waiting: reasons }) =>
    reasons.flatMap(({ kind, since: at }) => (kind === 'QUEUE' ? [at] : [])),
  );
  expect(since).toEqual(Array.from({ length: 11 }, () => TUESDAY));
});

test('what is left of a text to many shares no call: a receipt names a number, and one number is one delivery', async () => {
  const first = await accepted(tenant.gql, { to: [numberOf(0)], text: 'La première' });
  provider.answers(notSent('unreachable', null), refuseOnly(numberOf(0)));
  await callOnce();
  const second = await accepted(tenant.gql, { to: [numberOf(0), numberOf(1)], text: 'La deuxième' });
  await callOnce();
  await after(30);
  expect(provider.recipients).toEqual([
    [numberOf(0)],
    [numberOf(0), numberOf(1)],
    expect.any(Array),
    expect.any(Array),
  ]);
  expect(provider.recipients.slice(2).flat().toSorted()).toEqual([numberOf(0), numberOf(1)]);
  expect(sizes()).toEqual([2, 1, 1, 1]);
  expect(await statuses([first, second])).toEqual(['SENT', 'SENT']);
});

describe('a call that messages share, and that is', () => {
  test('refused as a whole is asked for again in smaller ones, until what is not wanted stands alone', async () => {
    const messages = await waiting(12);
    const bad = numberOf(5);
    provider.otherwise = sms => (sms.recipients.includes(bad) ? REFUSED : accept(sms));
    await callOnce();
    expect(sizes()).toEqual([12]);
    expect(new Set(await statuses(messages))).toEqual(new Set(['QUEUED']));
    // One worker after the other; else they share what is left by chance.
    while ((await queuedIn(app)) > 0) await callOnce();
    expect(await statuses(messages)).toEqual(messages.map((_, index) => (index === 5 ? 'FAILED' : 'SENT')));
    const went = provider.recipients.filter(recipients => !recipients.includes(bad)).flat();
    expect(went.toSorted()).toEqual(pairs(12).flatMap(({ to }) => (to === bad ? [] : [to])));
    const refused = provider.recipients.filter(recipients => recipients.includes(bad)).map(({ length }) => length);
    expect(refused.slice(0, 3)).toEqual([12, 6, 3]);
    expect(refused.at(-1)).toBe(1);
    expect(refused.length).toBeLessThanOrEqual(5);
    expect(await refundsOf(app, messages[5]?.id ?? '')).toEqual(['0.0450']);
    const { balance, ledger, due } = await booksOf(app, tenant.id);
    expect({ balance, ledger, due }).toEqual({ balance: '99.5050', ledger: '99.5050', due: '99.5050' });
  });

  test('refused for one by name sends the others anew, and pays that one back', async () => {
    const messages = await waiting(3);
    provider.answersBulk(inBulk(refuseOnly(numberOf(1))));
    await callOnce();
    await app.tick();
    expect(await statuses(messages)).toEqual(['SENT', 'FAILED', 'SENT']);
    expect(await refundsOf(app, messages[1]?.id ?? '')).toEqual(['0.0450']);
  });

  test('refused as a whole costs nobody an attempt: what waits next waits no longer for it', async () => {
    const messages = await waiting(8);
    provider.answers(REFUSED, REFUSED, notSent('unreachable', null));
    await callOnce();
    await callOnce();
    await callOnce();
    const tried = await app.sql(`select attempts, count(*)::int as count from submissions group by 1 order by 1`);
    expect(tried).toEqual([
      { attempts: 0, count: 8 - (provider.recipients[2]?.length ?? 0) },
      { attempts: 1, count: provider.recipients[2]?.length },
    ]);
    for (let time = 0; time < 4; time += 1) await after(5);
    expect(await statuses(messages)).toEqual(messages.map(() => 'SENT'));
  });

  test('of which each is refused by name ends with each by its own code, and nobody is asked for again', async () => {
    const messages = await waiting(4);
    const recipients = pairs(4).map(({ to }, index) => ({
      phoneNumber: to,
      code: String(13 + (index % 2)),
      reason: 'no',
    }));
    provider.answersBulk({ status: 'refused', code: '55', reason: 'no', recipients });
    await callOnce();
    await app.tick();
    expect(await statuses(messages)).toEqual(messages.map(() => 'FAILED'));
    expect(sizes()).toEqual([4]);
    const codes = await app.sql('select error_code as code from deliveries order by phone_number');
    expect(codes.map(({ code }) => code)).toEqual(['13', '14', '13', '14']);
    expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '100.0000', ledger: '100.0000', due: '100.0000' });
  });

  test('in doubt is settled for all by one lookup that knows them all', async () => {
    const messages = await waiting(30);
    provider.answers(UNKNOWN);
    await callOnce();
    provider.onFindByTag = answered(
      pairs(30).map(({ to: phoneNumber }) => {
        return { phoneNumber, status: 'waiting', providerMessageId: '77', at: null } as const;
      }),
    );
    await after(1);
    expect(await statuses(messages)).toEqual(messages.map(() => 'SENT'));
    for (const message of messages) {
      expect((await see(message)).timeline.map(({ kind }) => kind)).toEqual([
        'accepted',
        'attempt',
        'unconfirmed',
        'confirmed',
      ]);
    }
    const attempts = await app.sql('select outcome, provider_message_id as id from attempts');
    expect(attempts).toEqual([{ outcome: 'accepted', id: '77' }]);
    expect(provider.askedAbout('findByTag')).toHaveLength(1);
  });

  test('in doubt leaves all of them in doubt, and none is called for again', async () => {
    const messages = await waiting(5);
    provider.otherwise = UNKNOWN;
    await callOnce();
    for (let hour = 0; hour < 10; hour += 1) await after(60);
    expect(await statuses(messages)).toEqual(messages.map(() => 'UNCONFIRMED'));
    expect(sizes()).toEqual([5]);
  });

  test.for([
    ['not made', notSent('unreachable', null), 'QUEUED', 'PROVIDER_DOWN'],
    ['blocked', BLOCKED, 'QUEUED', 'PROVIDER_ACCOUNT'],
    ['outside the hours of the provider', OUTSIDE_HOURS, 'HELD', 'LAW'],
  ] as const)('%s leaves each of them waiting with its reason, and all go later', async ([, answer, status, kind]) => {
    const messages = await waiting(6);
    provider.answers(answer);
    await callOnce();
    for (const message of messages) {
      const { waiting: reasons, ...seen } = await see(message);
      expect({ status: seen.status, kind: reasons[0]?.kind }).toEqual({ status, kind });
    }
    for (let time = 0; time < 3; time += 1) await after(30);
    expect(await statuses(messages)).toEqual(messages.map(() => 'SENT'));
    expect(provider.recipients.flat()).toHaveLength(12);
  });
});

test('a blocked account is probed with one message, whatever waits', async () => {
  const messages = await waiting(8);
  provider.answers(BLOCKED);
  await callOnce();
  expect(sizes()).toEqual([8]);
  provider.otherwise = UNKNOWN;
  await after(2);
  expect(sizes()).toEqual([8, 1]);
  expect((await statuses(messages)).toSorted()).toEqual([...Array(7).fill('QUEUED'), 'UNCONFIRMED']);
});
