import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EnqueueCallbacks } from '../../src/callbacks/outgoing/enqueue-callbacks.js';
import { ReadReplies } from '../../src/callbacks/replies/read-replies.js';
import { Transactions } from '../../src/kernel/index.js';
import { rowsOf } from '../support/ledger.js';
import { accepted } from '../support/messages.js';
import { post } from '../support/receipts.js';
import { answer, optOutsOf, partsOf, repliesOf, textsOf } from '../support/replies.js';
import { ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const ANNE = '+33612345678';

let app: TestApp;
let tenant: TestTenant;
let reading: ReadReplies;
let url: string;
beforeEach(async () => {
  const provider = new ScriptedProvider();
  app = await appAt(TUESDAY, { provider, env: { WEBHOOK_ALLOW: '127.0.0.0/8' } });
  tenant = await app.tenant();
  reading = app.nest.get(ReadReplies);
  await accepted(tenant.gql, { to: [ANNE], replyUrl: 'http://127.0.0.1:9/replies' });
  await app.tick();
  url = provider.calls[0]?.sms.replyUrl ?? '';
});
afterEach(() => app.close());

const TABLES = ['replies', 'opt_outs', 'webhook_deliveries'];
const NOTHING = { replies: 0, opt_outs: 0, webhook_deliveries: 0 };
const ONCE = { replies: 1, opt_outs: 1, webhook_deliveries: 1 };
const brought = (): Promise<Record<string, number>> => rowsOf(app, tenant.id, TABLES);
const statesOf = async (): Promise<string[]> =>
  (await app.sql<{ state: string }>('select state from reply_posts order by id')).map(({ state }) => state);

describe('a stored answer', () => {
  test('is there, raw, once it is answered, and nothing has come of it yet', async () => {
    const body = answer(ANNE, 'STOP');
    await post(url, body);
    expect(await app.sql('select raw, state, due_at, lease from reply_posts')).toEqual([
      { raw: JSON.stringify(body), state: 'NEW', due_at: new Date(TUESDAY), lease: null },
    ]);
    expect(await brought()).toEqual(NOTHING);
  });

  test('is answered while a reader, or anything else, holds the attempt', async () => {
    const [attempt] = await app.sql<{ id: string }>('select id from attempts');
    const held = app.nest.get(Transactions).run(tenant.id, async tx => {
      await tx.rows('select 1 from attempts where tenant_id = $1 and id = $2 for update', [tenant.id, attempt?.id]);
      return post(url, answer(ANNE, 'Oui'));
    });
    expect(await held).toMatchObject({ status: 200, body: 'OK' });
  });

  test('whose reader died is read by another one when the lease ends, once', async () => {
    await post(url, answer(ANNE, 'STOP'));
    expect(await reading.claim(8)).toHaveLength(1);
    await app.tick();
    expect(await brought()).toEqual(NOTHING);
    app.clock.advance({ seconds: 30 });
    await app.tick();
    app.clock.advance({ seconds: 30 });
    await app.tick();
    expect(await brought()).toEqual(ONCE);
    expect(await app.sql('select state, due_at, lease from reply_posts')).toEqual([
      { state: 'READ', due_at: null, lease: null },
    ]);
  });

  test('in the hands of two readers, one of whom slept over his lease, is read once', async () => {
    await post(url, answer(ANNE, 'STOP'));
    const [slept] = await reading.claim(8);
    app.clock.advance({ seconds: 30 });
    const [awake] = await reading.claim(8);
    if (slept === undefined || awake === undefined) throw new Error('not claimed');
    await Promise.all([reading.read(slept), reading.read(awake), reading.read(awake)]);
    expect(await brought()).toEqual(ONCE);
  });

  test('brings about all or nothing: what fails at its end leaves no reply, no STOP and no call', async () => {
    const callbacks = app.nest.get(EnqueueCallbacks);
    const real = callbacks.reply.bind(callbacks);
    callbacks.reply = (...args) => {
      real(...args);
      throw new Error('in the last moment');
    };
    await post(url, answer(ANNE, 'STOP'));
    await app.tick();
    expect(await brought()).toEqual(NOTHING);
    expect(await statesOf()).toEqual(['NEW']);
    callbacks.reply = real;
    app.clock.advance({ seconds: 30 });
    await app.tick();
    expect(await brought()).toEqual(ONCE);
  });

  test('that is posted a hundred times by two readers at once is one', async () => {
    await Promise.all(Array.from({ length: 100 }, () => post(url, answer(ANNE, 'Oui'))));
    const [claimed] = await reading.claim(8);
    if (claimed === undefined) throw new Error('not claimed');
    const halves = [claimed.ids.slice(0, 50), claimed.ids.slice(50)];
    await Promise.all(halves.map(ids => reading.read({ ...claimed, ids })));
    expect(await textsOf(tenant.gql)).toEqual(['Oui']);
    expect((await statesOf()).toSorted()).toEqual(['READ', ...Array.from({ length: 99 }, () => 'REPEATED')]);
  });

  test('whose number no plan knows is kept under the number it came with', async () => {
    await post(url, answer('36180', 'Bonjour'));
    await post(url, answer('+33123456789', 'STOP'));
    await app.tick();
    const { nodes } = await repliesOf(tenant.gql);
    expect(nodes.map(({ from }) => from)).toEqual(['+33123456789', '+36180']);
    expect(await optOutsOf(tenant.gql)).toEqual([{ phoneNumber: '+33123456789', source: 'reply' }]);
  });
});

describe('the parts of an answer', () => {
  test('read by many readers at once, in any order, are one reply', async () => {
    const texts = Array.from({ length: 12 }, (_, index) => `partie ${index + 1}, `);
    const bodies = partsOf(ANNE, texts);
    await Promise.all([...bodies.toReversed(), ...bodies].map(body => post(url, body)));
    const [claimed] = await reading.claim(8);
    if (claimed === undefined) throw new Error('not claimed');
    await Promise.all(claimed.ids.map(id => reading.read({ ...claimed, ids: [id] })));
    expect(await textsOf(tenant.gql)).toEqual([texts.join('').trim()]);
    expect((await statesOf()).filter(state => state === 'READ')).toHaveLength(12);
    expect((await statesOf()).filter(state => state === 'REPEATED')).toHaveLength(12);
  });

  test('whose last one comes in the moment when time is up are one reply, whole', async () => {
    const [one, two] = partsOf(ANNE, ['Bonjour ', 'Anne']);
    await post(url, one);
    await app.tick();
    app.clock.advance({ minutes: 10 });
    await post(url, two);
    await app.tick();
    expect(await textsOf(tenant.gql)).toEqual(['Bonjour Anne']);
  });

  test('that were erased while they waited end as unreadable, and are not looked at for ever', async () => {
    const [one] = partsOf(ANNE, ['Bonjour ', 'Anne']);
    await post(url, one);
    await app.tick();
    await app.sql('update reply_posts set raw = null');
    app.clock.advance({ minutes: 10 });
    await app.tick();
    expect(await statesOf()).toEqual(['UNREADABLE']);
    expect(await app.sql('select 1 from reply_posts where due_at is not null')).toEqual([]);
  });
});
