import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CallbacksWorkers } from '../../src/callbacks/index.js';
import { FIRST_LOOKUP_MS } from '../../src/messaging/leaving/retry-delay.js';
import { chargesOf, outcomesOf, refundsOf } from '../support/attempts.js';
import { acceptedBatch, fatesOf, inBulk, messagesOf, pairs } from '../support/batches.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import type { GraphqlClient } from '../support/graphql-client.js';
import { booksOf } from '../support/ledger.js';
import { accepted, deliveriesOf, look, type MessageView, type SmsInput } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { answered, NO_ANSWER, ScriptedProvider, UNKNOWN } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const PHONE = '+33612345678';
const REASON = 'the provider said on the phone';

let database: TestDatabase;
let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  database = await createDatabase();
  provider = new ScriptedProvider();
  provider.onFindByTag = NO_ANSWER;
  app = await appAt(TUESDAY, { provider, databaseUrl: database.ownerUrl });
  tenant = await app.tenant();
});
afterEach(async () => {
  await app.close();
  await database.drop();
});

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);
const after = async (seconds: number): Promise<void> => {
  app.clock.advance({ seconds });
  await app.tick();
};

interface Resolved {
  readonly resolveUnconfirmed: { readonly id: string; readonly status: string };
}

const resolve = (messageId: string, resend: boolean, { by = app.admin, reason = REASON } = {}) =>
  by.ask<Resolved>(
    'mutation ($messageId: ID!, $resend: Boolean!, $reason: String!) { resolveUnconfirmed(messageId: $messageId, resend: $resend, reason: $reason) { id status } }',
    { messageId, resend, reason },
  );

/** A call whose answer nobody knows, just made. */
async function doubtful(input: SmsInput = {}): Promise<{ message: MessageView; url: string }> {
  provider.answers(UNKNOWN);
  const message = await accepted(tenant.gql, { to: [PHONE], ...input });
  await app.tick();
  expect((await see(message)).status).toBe('UNCONFIRMED');
  return { message, url: provider.calls.at(-1)?.sms.receiptUrl ?? '' };
}

async function expectBooks(balance: string): Promise<void> {
  expect(await booksOf(app, tenant.id)).toEqual({ balance, ledger: balance, due: balance, misjudged: 0, overdrawn: 0 });
}

const codesOf = async (answer: ReturnType<typeof resolve>): Promise<unknown[]> =>
  (await answer).errors.map(({ extensions }) => extensions.code);

describe('a doubt is closed by hand', () => {
  test('by administrators only: a key of the tenant may not, whatever its other scopes', async () => {
    const { message } = await doubtful();
    const keys: GraphqlClient[] = [tenant.gql, await app.key(tenant.id, ['MANAGE'])];
    for (const by of keys) expect(await codesOf(resolve(message.id, true, { by }))).toEqual(['FORBIDDEN']);
    await after(1);
    expect(provider.calls).toHaveLength(1);
    expect((await see(message)).status).toBe('UNCONFIRMED');
  });

  test('and audited: who, what and why', async () => {
    const { message } = await doubtful();
    await resolve(message.id, false);
    const { viewer } = await app.admin.run<{ viewer: { apiKey: { id: string } } }>('{ viewer { apiKey { id } } }');
    const acts = await app.sql(
      `select actor_key_id, detail from audit_entries where tenant_id = $1 and action = 'message.resolved'`,
      [tenant.id],
    );
    expect(acts).toEqual([
      { actor_key_id: viewer.apiKey.id, detail: { messageId: message.id, resend: false, reason: REASON } },
    ]);
  });

  test('with a reason, and with none not at all', async () => {
    const { message } = await doubtful();
    for (const reason of ['', '   ']) {
      expect(await codesOf(resolve(message.id, true, { reason }))).toEqual(['BAD_USER_INPUT']);
    }
    expect((await see(message)).status).toBe('UNCONFIRMED');
  });

  test('where there is one: no id of anything else is found', async () => {
    const { message: settled } = await doubtful();
    await resolve(settled.id, false);
    const sent = await accepted(tenant.gql);
    await app.tick();
    const waiting = await accepted(tenant.gql);
    const ids = [settled.id, sent.id, waiting.id, tenant.id, '0198a1b2-0000-7000-8000-000000000001', 'x', ''];
    for (const id of ids) {
      for (const resend of [true, false]) expect([id, await codesOf(resolve(id, resend))]).toEqual([id, ['NOT_FOUND']]);
    }
    expect(await app.sql(`select count(*)::int from audit_entries where action = 'message.resolved'`)).toEqual([
      { count: 1 },
    ]);
    expect(await refundsOf(app, sent.id)).toEqual([]);
  });
});

describe('"send again"', () => {
  test('sends it again once, with another tag, and charges it once', async () => {
    const { message } = await doubtful();
    const { data } = await resolve(message.id, true);
    expect(data?.resolveUnconfirmed).toEqual({ id: message.id, status: 'QUEUED' });
    expect(await codesOf(resolve(message.id, true))).toEqual(['NOT_FOUND']);
    await app.tick();
    for (let time = 0; time < 5; time += 1) await after(8 * 3_600);
    expect(provider.calls).toHaveLength(2);
    expect(new Set(provider.tags).size).toBe(2);
    expect(await chargesOf(app, message.id)).toEqual(['CHARGED']);
    expect(await refundsOf(app, message.id)).toEqual([]);
    await expectBooks('99.9550');
  });

  test('begins its validity anew, however long the doubt lasted', async () => {
    const { message } = await doubtful({ validitySeconds: 300 });
    for (let day = 0; day < 3; day += 1) await after(86_400);
    await resolve(message.id, true);
    const [submission] = await app.sql('select expires_at from submissions where message_id = $1', [message.id]);
    expect(submission?.['expires_at']).toEqual(new Date(app.clock.now().getTime() + 300_000));
    await app.tick();
    expect((await see(message)).status).toBe('SENT');
    expect(provider.calls).toHaveLength(2);
  });

  test('in the evening holds a commercial SMS to the morning', async () => {
    const { message } = await doubtful();
    app.clock.set('2026-01-13T19:30:00Z');
    await resolve(message.id, true);
    await app.tick();
    expect(await see(message)).toMatchObject({ status: 'HELD', releaseAt: '2026-01-14T07:00:00.000Z' });
    expect(provider.calls).toHaveLength(1);
  });

  test('works where the tenant lets nothing be sent again by itself', async () => {
    tenant = await app.tenant({ resendWhenAbsent: false });
    const { message } = await doubtful();
    provider.onFindByTag = answered([]);
    await after(FIRST_LOOKUP_MS / 1_000);
    await after(600);
    expect((await see(message)).waiting).toMatchObject([{ kind: 'DOUBT', nextCheckAt: null }]);
    await resolve(message.id, true);
    await app.tick();
    expect(provider.calls).toHaveLength(2);
  });

  test('and a receipt of the first call after it: settled by that, charged once', async () => {
    const { message, url } = await doubtful();
    await resolve(message.id, true);
    await post(url, receipt(PHONE, 'delivered'));
    await app.nest.get(CallbacksWorkers).settle();
    await app.tick();
    await after(3_600);
    expect(provider.calls).toHaveLength(1);
    expect((await see(message)).status).toBe('COMPLETED');
    await expectBooks('99.9550');
  });
});

describe('"give up"', () => {
  test('ends it REFUSED, GIVEN_UP, and pays it back once', async () => {
    const { message } = await doubtful({ to: [PHONE, '+33612345679'] });
    const { data } = await resolve(message.id, false);
    expect(data?.resolveUnconfirmed.status).toBe('FAILED');
    expect(await codesOf(resolve(message.id, false))).toEqual(['NOT_FOUND']);
    for (let time = 0; time < 5; time += 1) await after(8 * 3_600);
    const given = { status: 'REFUSED', errorCode: 'GIVEN_UP' };
    expect(await deliveriesOf(tenant.gql, message.id)).toMatchObject([given, given]);
    expect(await see(message)).toMatchObject({ status: 'FAILED', cost: '0.0000', waiting: [] });
    expect(await refundsOf(app, message.id)).toEqual(['0.0900']);
    expect(provider.calls).toHaveLength(1);
    expect(provider.askedAbout('findByTag')).toEqual([]);
    await expectBooks('100.0000');
  });

  test('and a receipt after it moves no money and no status', async () => {
    const { message, url } = await doubtful();
    await resolve(message.id, false);
    await post(url, receipt(PHONE, 'delivered'));
    await app.tick();
    expect((await see(message)).status).toBe('FAILED');
    await expectBooks('100.0000');
  });

  test('of one text of a bulk call leaves the doubt about the others', async () => {
    provider.answersBulk(inBulk(UNKNOWN));
    const batch = await acceptedBatch(tenant.gql, { messages: pairs(3) });
    await app.tick();
    const [first, second] = await messagesOf(tenant.gql, batch.id);
    await resolve(first?.id ?? '', false);
    await resolve(second?.id ?? '', true);
    await app.tick();
    expect(await fatesOf(tenant.gql, batch.id)).toEqual(['REFUSED', 'SENT', 'UNCONFIRMED']);
    const [{ bulk } = { bulk: null }] = provider.bulkCalls;
    provider.onFindByTag = tag =>
      answered(
        tag === bulk?.tag
          ? [{ phoneNumber: pairs(3)[2]?.to ?? '', status: 'waiting', providerMessageId: '7', at: null }]
          : [],
      );
    await after(FIRST_LOOKUP_MS / 1_000);
    expect(await fatesOf(tenant.gql, batch.id)).toEqual(['REFUSED', 'SENT', 'SENT']);
    await expectBooks('99.9100');
  });
});

describe('a decision and a receipt at the same moment', () => {
  test.for([true, false])('one of them wins, and the ledger is right: resend %s', async resend => {
    const doubts = [];
    for (let count = 0; count < 8; count += 1) doubts.push(await doubtful());
    for (const { url } of doubts) await post(url, receipt(PHONE, 'delivered'));
    const deciding = doubts.map(({ message }) => resolve(message.id, resend));
    const [answers] = await Promise.all([Promise.all(deciding), app.nest.get(CallbacksWorkers).settle()]);
    await app.tick();
    await after(3_600);
    let charged = 0;
    for (const [index, { message }] of doubts.entries()) {
      const [delivery] = await deliveriesOf(tenant.gql, message.id);
      const won = answers[index]?.errors.length === 0;
      expect(delivery?.status).toBe(won && !resend ? 'REFUSED' : 'DELIVERED');
      expect(await refundsOf(app, message.id)).toEqual(won && !resend ? ['0.0450'] : []);
      charged += won && !resend ? 0 : 1;
      // Even where the decision came first, the receipt was there before the call.
      expect(await outcomesOf(app, message.id)).toHaveLength(1);
    }
    await expectBooks((100 - charged * 0.045).toFixed(4));
  });

  test('two administrators: one decides, the other finds nothing in doubt', async () => {
    const { message } = await doubtful();
    const answers = await Promise.all([true, false, true, false].map(resend => resolve(message.id, resend)));
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1);
    await app.tick();
    expect((await refundsOf(app, message.id)).length + provider.calls.length).toBe(2);
  });

  test('and a lookup that proves its absence meanwhile: it goes again once', async () => {
    const { message } = await doubtful();
    provider.onFindByTag = answered([]);
    await after(FIRST_LOOKUP_MS / 1_000);
    provider.onFindByTag = async () => {
      await resolve(message.id, true);
      return answered([]);
    };
    await after(600);
    await after(3_600);
    expect(provider.calls).toHaveLength(2);
    await expectBooks('99.9550');
  });
});
