import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClaimSubmissions } from '../../src/messaging/leaving/claim-submissions.js';
import { DispatchSubmission } from '../../src/messaging/leaving/dispatch-submission.js';
import { numberOf, pairs } from '../support/batches.js';
import { expectCounted } from '../support/counts.js';
import { accepted, look, type MessageView } from '../support/messages.js';
import { accept, acceptBulk, NO_ANSWER, notSent, ScriptedProvider, UNKNOWN } from '../support/scripted-provider.js';
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

/** Its status, and of which kind it has how many recipients, where the database's counts are those of its deliveries. */
async function seen({ id }: MessageView): Promise<Record<string, unknown>> {
  await expectCounted(app);
  const { status, counts } = await look(tenant.gql, id);
  return { status, ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)) };
}
const seenAll = async (messages: readonly MessageView[]): Promise<unknown[]> => {
  const all = [];
  for (const message of messages) all.push(await seen(message));
  return all;
};
const optOut = (phoneNumber: string): Promise<unknown> =>
  tenant.gql.run('mutation ($n: PhoneNumber!) { addOptOut(phoneNumber: $n) { phoneNumber } }', { n: phoneNumber });
const looksForReceipts = async (): Promise<unknown[]> =>
  (await app.sql<{ looks: boolean }>('select due_at is not null as looks from submissions order by id')).map(
    ({ looks }) => looks,
  );

async function callOnce(): Promise<void> {
  const [claimed] = await app.nest.get(ClaimSubmissions).execute('QUEUED', 1);
  if (claimed === undefined) throw new Error('nothing is queued');
  await app.nest.get(DispatchSubmission).execute(claimed);
}

async function waiting(count: number): Promise<MessageView[]> {
  const messages = [];
  for (const { to, text } of pairs(count)) messages.push(await accepted(tenant.gql, { to: [to], text }));
  return messages;
}

test('the counts of a message are right while the call is under way and after it, whoever said STOP before', async () => {
  const message = await accepted(tenant.gql, { to: [numberOf(0), numberOf(1), numberOf(2)] });
  await optOut(numberOf(1));
  const during: unknown[] = [];
  provider.answers(async sms => {
    during.push(await seen(message));
    return accept(sms);
  });
  await callOnce();
  expect(during).toEqual([{ status: 'SENDING', waiting: 2, optedOut: 1 }]);
  expect(await seen(message)).toEqual({ status: 'SENT', sent: 2, optedOut: 1 });
  expect(await looksForReceipts()).toEqual([true]);
});

test('of a message that nobody is left for, nobody looks for receipts', async () => {
  const messages = await waiting(2);
  await optOut(numberOf(0));
  await callOnce();
  expect(await seenAll(messages)).toEqual([
    { status: 'FAILED', optedOut: 1 },
    { status: 'SENT', sent: 1 },
  ]);
  expect(await looksForReceipts()).toEqual([false, true]);
});

test('the counts of messages that shared a call are right for each, sent, refused or not mentioned', async () => {
  const messages = await waiting(4);
  const many = await accepted(tenant.gql, { to: [numberOf(10), numberOf(11)] });
  const during: unknown[] = [];
  const refused = [{ phoneNumber: numberOf(1), code: '15', reason: 'no' }];
  provider.answersBulk(async bulk => {
    during.push(...(await seenAll(messages)));
    return { ...acceptBulk(bulk), refused, unmentioned: [numberOf(2)] };
  });
  await callOnce();
  await callOnce();
  expect(during).toEqual(messages.map(() => ({ status: 'SENDING', waiting: 1 })));
  expect(await seenAll([...messages, many])).toEqual([
    { status: 'SENT', sent: 1 },
    { status: 'FAILED', refused: 1 },
    { status: 'UNCONFIRMED', unconfirmed: 1 },
    { status: 'SENT', sent: 1 },
    { status: 'SENT', sent: 2 },
  ]);
  expect(await looksForReceipts()).toEqual([true, false, true, true, true]);
});

test('the counts are right where the answer says that none went, and where none comes', async () => {
  const messages = await waiting(3);
  provider.answers(notSent('unreachable', null), UNKNOWN);
  await callOnce();
  expect(await seenAll(messages)).toEqual(messages.map(() => ({ status: 'QUEUED', waiting: 1 })));
  app.clock.advance({ minutes: 1 });
  await callOnce();
  expect(await seenAll(messages)).toEqual(messages.map(() => ({ status: 'UNCONFIRMED', unconfirmed: 1 })));
});

test('the counts are right where the answer comes after the doubt began', async () => {
  const messages = await waiting(3);
  const during: unknown[] = [];
  provider.answers(async sms => {
    // The lease ends while the call is under way.
    app.clock.advance({ minutes: 1 });
    await app.tick();
    during.push(...(await seenAll(messages)));
    return accept(sms);
  });
  await callOnce();
  expect(during).toEqual(messages.map(() => ({ status: 'UNCONFIRMED', unconfirmed: 1 })));
  expect(await seenAll(messages)).toEqual(messages.map(() => ({ status: 'SENT', sent: 1 })));
});
