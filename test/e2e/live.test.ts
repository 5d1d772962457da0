import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LiveMessages } from '../../src/messaging/live/live-messages.js';
import { BuiltRelais, emptyFolder } from '../support/built-relais.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { GraphqlClient } from '../support/graphql-client.js';
import { accepted, cancel, look } from '../support/messages.js';
import { statementsOf } from '../support/statements.js';
import { Subscriber } from '../support/subscriber.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** Sunday 18 January 2026, 11:00 in Paris: closed until Monday at eight. */
const SUNDAY = '2026-01-18T10:00:00.000Z';
const MONDAY_8 = '2026-01-19T07:00:00.000Z';

const STATUS = 'subscription ($id: ID!) { messageChanged(id: $id) { id status } }';

let database: TestDatabase;
/** The one accepts and works, the other serves the sockets. */
let working: TestApp;
let serving: TestApp;
let tenant: TestTenant;
let other: TestTenant;
let subscribers: Subscriber[];

beforeEach(async () => {
  database = await createDatabase();
  [working, serving] = [
    await appAt(SUNDAY, { databaseUrl: database.ownerUrl }),
    await appAt(SUNDAY, { databaseUrl: database.ownerUrl }),
  ];
  [tenant, other] = [await working.tenant(), await working.tenant()];
  subscribers = [];
});
afterEach(async () => {
  for (const subscriber of subscribers) await subscriber.leave();
  await serving.close();
  await working.close();
  await database.drop();
});

function subscriberOf(
  { key }: { readonly key: string | null },
  options: { readonly retries?: number } = {},
): Subscriber {
  const subscriber = new Subscriber(serving.url, key, options);
  subscribers.push(subscriber);
  return subscriber;
}

async function morning(): Promise<void> {
  for (const app of [working, serving]) app.clock.set(MONDAY_8);
  await working.tick();
  for (const app of [working, serving]) app.clock.advance({ seconds: 5 });
  await working.tick();
}

/** A tenant-wide subscription shows nothing at first: it stands once it sees a message made for that purpose. */
async function watchingAll(of: TestTenant): Promise<Subscriber> {
  const subscriber = subscriberOf(of).watchAll();
  while (subscriber.seen.length === 0) await accepted(of.gql, { text: 'is anybody there?', sandbox: true });
  await subscriber.until(() => subscriber.seen.length > 0);
  return subscriber;
}

describe('messageChanged', () => {
  test('with an id shows HELD at once and COMPLETED at last, from another process; another tenant sees nothing of it', async () => {
    const message = await accepted(tenant.gql, { text: 'Soldes !', to: ['+33612345678'] });
    const watching = subscriberOf(tenant).watchOne(message.id);
    const foreign = subscriberOf(other).watchAll();
    const held = await watching.untilStatus('HELD');
    expect(held).toMatchObject({ id: message.id, releaseAt: MONDAY_8, holds: [{ rule: 'SUNDAY' }] });
    expect(watching.seen).toHaveLength(1);

    await morning();
    const completed = await watching.untilStatus('COMPLETED');
    expect(completed).toEqual(await look(tenant.gql, message.id));
    expect(completed.counts['delivered']).toBe(1);
    expect(watching.seen.every(({ id }) => id === message.id)).toBe(true);

    // What the other tenant sees next is its own.
    const own = await accepted(other.gql, { sandbox: true });
    await foreign.until(() => foreign.seen.length > 0);
    expect(foreign.seen.map(({ id }) => id)).toEqual([own.id]);
  });

  test('without an id shows each change of the tenant’s messages from now on', async () => {
    const before = await accepted(tenant.gql, { text: 'Soldes !' });
    const watching = await watchingAll(tenant);
    const after = await accepted(tenant.gql, { text: 'Encore !' });
    await watching.until(() => watching.seen.some(({ id }) => id === after.id));
    await cancel(tenant.gql, before.id);
    expect(await watching.untilStatus('CANCELLED')).toMatchObject({ id: before.id });
  });

  test('of another tenant’s message, or of none, is NOT_FOUND', async () => {
    const foreign = await accepted(other.gql);
    for (const id of [foreign.id, 'nothing', '018f2f6e-0000-7000-8000-000000000000']) {
      const watching = subscriberOf(tenant).watchOne(id);
      await watching.until(() => watching.over);
      expect(watching.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND', requestId: expect.any(String) } }]);
      expect(watching.seen).toEqual([]);
    }
  });

  test('begins with the present state again where the database went away and notices may have been missed', async () => {
    const message = await accepted(tenant.gql);
    const watching = subscriberOf(tenant, { retries: 20 }).watchOne(message.id);
    await watching.untilStatus('HELD');
    await working.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'relais-notices'`,
    );
    await cancel(tenant.gql, message.id);
    await watching.untilStatus('CANCELLED');
    expect(watching.closed).toMatchObject([{ code: 1012 }]);
    expect(watching.connections).toBe(2);
  });

  test('tells what was changed by a process that died before it could say so', async () => {
    const message = await accepted(tenant.gql);
    const watching = subscriberOf(tenant).watchOne(message.id);
    await watching.untilStatus('HELD');
    await working.sql(`update messages set status = 'QUEUED', version = version + 1 where id = $1`, [message.id]);
    expect(await watching.untilStatus('QUEUED')).toMatchObject({ id: message.id });
  });

  test('ends when its process shuts down, with a code after which clients come back', async () => {
    const message = await accepted(tenant.gql);
    const third = await appAt(SUNDAY, { databaseUrl: database.ownerUrl });
    const watching = new Subscriber(third.url, tenant.key).watchOne(message.id);
    subscribers.push(watching);
    await watching.untilStatus('HELD');
    await third.close();
    await watching.until(() => watching.over);
    expect(watching.closed).toMatchObject([{ code: 1001 }]);
  });
});

describe('a thousand idle subscribers', () => {
  test('of one process are looked after by a statement or two, and each sees its own message change', async () => {
    const messages = [await accepted(tenant.gql), await accepted(tenant.gql)];
    const [watched, changed] = messages;
    if (watched === undefined || changed === undefined) throw new Error('no messages');
    const idle = Array.from({ length: 50 }, () => {
      const subscriber = subscriberOf(tenant);
      for (let index = 0; index < 20; index += 1) subscriber.ask(STATUS, { id: watched.id });
      return subscriber;
    });
    await Promise.all(idle.map(subscriber => subscriber.until(() => subscriber.seen.length === 20)));
    const watching = subscriberOf(tenant).watchOne(changed.id);
    await watching.untilStatus('HELD');

    const statements = await statementsOf(() => serving.nest.get(LiveMessages).sweep());
    expect(statements.filter(sql => sql.includes('from'))).toHaveLength(1);

    await cancel(tenant.gql, changed.id);
    await watching.untilStatus('CANCELLED');
    expect(idle.every(({ seen }) => seen.length === 20)).toBe(true);
    await cancel(tenant.gql, watched.id);
    await Promise.all(idle.map(subscriber => subscriber.until(() => subscriber.seen.length === 40)));
    expect(idle.flatMap(({ seen }) => seen).filter(({ status }) => status === 'CANCELLED')).toHaveLength(1_000);
  });
});

describe('between processes of their own', () => {
  test('a front end at one api process sees what a worker does with what was sent to another', async () => {
    const folder = await emptyFolder();
    const env = {
      DATABASE_URL: database.ownerUrl,
      MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      DATABASE_POOL_SIZE: '4',
      LOG_LEVEL: 'warn',
    };
    const running = [
      BuiltRelais.run(folder.path, { ...env, ROLE: 'api' }),
      BuiltRelais.run(folder.path, { ...env, ROLE: 'api' }),
    ];
    try {
      const [sentTo = '', watchedAt = ''] = await Promise.all(running.map(relais => relais.up()));
      const worker = BuiltRelais.run(folder.path, { ...env, ROLE: 'worker', PUBLIC_URL: sentTo });
      running.push(worker);
      const sender = new GraphqlClient(sentTo, tenant.key);
      const message = await accepted(sender, { category: 'TRANSACTIONAL', text: 'Code 4711' });
      const watching = new Subscriber(watchedAt, tenant.key).watchOne(message.id);
      subscribers.push(watching);
      const seen = await watching.untilStatus('COMPLETED');
      expect(seen.counts['delivered']).toBe(1);
      expect(watching.statuses.at(-1)).toBe('COMPLETED');
    } finally {
      await Promise.all(running.map(relais => relais.stop()));
      await folder.remove();
    }
  });
});
