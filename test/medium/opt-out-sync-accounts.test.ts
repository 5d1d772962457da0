import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PLATFORM } from '../../src/kernel/index.js';
import { SyncOptOuts } from '../../src/messaging/opt-outs/sync-opt-outs.js';
import { refundsOf } from '../support/attempts.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { booksOf } from '../support/ledger.js';
import { accepted, deliveriesOf } from '../support/messages.js';
import { answered, NO_ANSWER } from '../support/scripted-provider.js';
import { appWithStopLists, fatesOf, lift, nextSync, numbersShown, PLATFORM_KEY } from '../support/stop-lists.js';
import { setCredential, stop, stopIdsOf, StopLists, sync } from '../support/stop-lists.js';
import type { TestApp, TestTenant } from '../support/test-app.js';

// Whose STOP lists are asked for, by whom, and what they mean to others.
const [ANNE, BOB, CARL] = ['+33611111111', '+33622222222', '+33633333333'] as const;
const [KEY, OTHER_KEY] = ['cle-du-client-0123456789', 'cle-d-un-autre-0123456789'] as const;

let database: TestDatabase;
let provider: StopLists;
let app: TestApp;
let tenant: TestTenant;
let other: TestTenant;

beforeEach(async () => {
  database = await createDatabase();
  provider = new StopLists();
  app = await appWithStopLists(provider, { databaseUrl: database.ownerUrl });
  tenant = await app.tenant({ credit: '1.0000' });
  other = await app.tenant({ credit: '1.0000' });
});
afterEach(async () => {
  await app.close();
  await database.drop();
});

describe("the list of the platform's account", () => {
  test('suppresses what a tenant without an account of its own sends, and pays it back', async () => {
    provider.stop(PLATFORM_KEY, ANNE);
    await sync(app);
    const message = await accepted(tenant.gql, { to: [ANNE, BOB] });
    await app.tick();
    expect(provider.recipients).toEqual([[BOB]]);
    const refused = (await deliveriesOf(tenant.gql, message.id)).find(({ phoneNumber }) => phoneNumber === ANNE);
    expect(refused).toMatchObject({ status: 'REFUSED', errorCode: 'SUPPRESSED', cost: '0.0000' });
    expect(await refundsOf(app, message.id)).toEqual(['0.0450']);
    expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '0.9550', ledger: '0.9550', due: '0.9550' });
  });

  test('is taken up before an SMS that waits already leaves', async () => {
    const message = await accepted(tenant.gql, { to: [ANNE] });
    provider.stop(PLATFORM_KEY, ANNE);
    await sync(app);
    await app.tick();
    expect(await fatesOf(tenant.gql, message.id)).toEqual({ [ANNE]: 'REFUSED' });
    expect(provider.calls).toEqual([]);
  });

  test('is shown to nobody and lifted by nobody', async () => {
    provider.stop(PLATFORM_KEY, ANNE);
    await sync(app);
    for (const { gql } of [tenant, other]) {
      expect(await numbersShown(gql)).toEqual([]);
      expect(await lift(gql, ANNE)).toBe(false);
    }
    await nextSync(app);
    expect(Object.keys(await stopIdsOf(app, PLATFORM))).toEqual([ANNE]);
    expect(provider.changes).toEqual([]);
  });

  test('is never written to: what tenants without an account stop and lift stays here', async () => {
    await stop(tenant.gql, ANNE);
    await stop(tenant.gql, BOB);
    await sync(app);
    await lift(tenant.gql, ANNE);
    await nextSync(app);
    expect(provider.asked).toEqual([PLATFORM_KEY, PLATFORM_KEY]);
    expect(provider.changes).toEqual([]);
    expect(await numbersShown(tenant.gql)).toEqual([BOB]);
  });

  test('says nothing against transactional SMS, nor against those of a tenant with an account of its own', async () => {
    await setCredential(app, other, OTHER_KEY);
    provider.stop(PLATFORM_KEY, ANNE);
    await sync(app);
    const transactional = await accepted(tenant.gql, { to: [ANNE], category: 'TRANSACTIONAL' });
    const theirs = await accepted(other.gql, { to: [ANNE] });
    await app.tick();
    expect(await fatesOf(tenant.gql, transactional.id)).toEqual({ [ANNE]: 'SENT' });
    expect(await fatesOf(other.gql, theirs.id)).toEqual({ [ANNE]: 'SENT' });
    expect(await numbersShown(other.gql)).toEqual([]);
  });

  test('frees a number that leaves it', async () => {
    provider.stop(PLATFORM_KEY, ANNE);
    await sync(app);
    provider.clear(PLATFORM_KEY);
    provider.stop(PLATFORM_KEY, BOB);
    await nextSync(app);
    const message = await accepted(tenant.gql, { to: [ANNE, BOB] });
    await app.tick();
    expect(await fatesOf(tenant.gql, message.id)).toEqual({ [ANNE]: 'SENT', [BOB]: 'REFUSED' });
  });

  test('comes and goes whole, however long', async () => {
    const numbers = Array.from({ length: 1_203 }, (_, index) => `+336${String(10_000_000 + index)}`);
    for (const phoneNumber of numbers) provider.stop(PLATFORM_KEY, phoneNumber);
    await sync(app);
    expect(Object.keys(await stopIdsOf(app, PLATFORM)).toSorted()).toEqual(numbers);
    provider.clear(PLATFORM_KEY);
    provider.stop(PLATFORM_KEY, BOB);
    await nextSync(app);
    expect(Object.keys(await stopIdsOf(app, PLATFORM))).toEqual([BOB]);
  });

  test('stays as it is without an answer', async () => {
    provider.stop(PLATFORM_KEY, ANNE);
    await sync(app);
    provider.onOptOuts = NO_ANSWER;
    await nextSync(app);
    expect(Object.keys(await stopIdsOf(app, PLATFORM))).toEqual([ANNE]);
  });

  test("does not become a tenant's own by being given the platform's key", async () => {
    await setCredential(app, tenant, PLATFORM_KEY);
    provider.stop(PLATFORM_KEY, ANNE);
    await stop(tenant.gql, BOB);
    await sync(app);
    expect(await numbersShown(tenant.gql)).toEqual([BOB]);
    expect(provider.asked).toEqual([PLATFORM_KEY]);
    expect(provider.changes).toEqual([]);
  });
});

describe('the lists of tenants', () => {
  beforeEach(async () => {
    await setCredential(app, tenant, KEY);
    await setCredential(app, other, OTHER_KEY);
  });

  test("never touch another's", async () => {
    const id = provider.stop(KEY, ANNE);
    await stop(tenant.gql, BOB);
    await stop(other.gql, CARL);
    await sync(app);
    expect(await numbersShown(tenant.gql)).toEqual([ANNE, BOB]);
    expect(await numbersShown(other.gql)).toEqual([CARL]);
    expect(await lift(other.gql, ANNE)).toBe(false);
    await lift(tenant.gql, ANNE);
    await nextSync(app);
    expect(provider.changes.toSorted((one, two) => one.join().localeCompare(two.join()))).toEqual([
      ['addOptOut', BOB, KEY],
      ['addOptOut', CARL, OTHER_KEY],
      ['removeOptOut', id, KEY],
    ]);
    expect([provider.numbers(KEY), provider.numbers(OTHER_KEY)]).toEqual([[BOB], [CARL]]);
    const theirs = await accepted(other.gql, { to: [BOB] });
    await app.tick();
    expect(await fatesOf(other.gql, theirs.id)).toEqual({ [BOB]: 'SENT' });
  });

  describe.for([
    ['does not open', `update provider_credentials set sealed = '\\x00' where tenant_id = '$1'`],
    ['cannot be recorded', `alter table opt_outs add check (tenant_id <> '$1')`],
  ] as const)('one that %s keeps no other from its turn,', ([, spoil]) => {
    test.for(['first', 'second'] as const)('be it the %s', async which => {
      const [spoilt, sound] = which === 'first' ? [tenant, other] : [other, tenant];
      for (const key of [KEY, OTHER_KEY, PLATFORM_KEY]) provider.stop(key, ANNE);
      await app.sql(spoil.replace('$1', spoilt.id));
      await sync(app);
      expect(await numbersShown(sound.gql)).toEqual([ANNE]);
      expect(await numbersShown(spoilt.gql)).toEqual([]);
      expect(Object.keys(await stopIdsOf(app, PLATFORM))).toEqual([ANNE]);
    });
  });

  test('are asked for once when due, whoever looks and however often', async () => {
    const second = await appWithStopLists(provider, { databaseUrl: database.ownerUrl });
    try {
      await stop(tenant.gql, ANNE);
      await Promise.all([sync(app), sync(second), sync(app), sync(second)]);
      await Promise.all([sync(app), sync(second)]);
      const everybody = [KEY, OTHER_KEY, PLATFORM_KEY].toSorted();
      expect(provider.asked.toSorted()).toEqual(everybody);
      expect(provider.changes).toEqual([['addOptOut', ANNE, KEY]]);
      for (const { clock } of [app, second]) clock.advance({ minutes: 10 });
      await Promise.all([sync(app), sync(second)]);
      expect(provider.asked.toSorted()).toEqual([...everybody, ...everybody].toSorted());
    } finally {
      await second.close();
    }
  });

  test('that come after somebody else has taken over are not believed any more', async () => {
    const second = await appWithStopLists(provider, { databaseUrl: database.ownerUrl });
    try {
      second.clock.advance({ minutes: 10 });
      const now = provider.onOptOuts;
      provider.onOptOuts = async () => {
        provider.onOptOuts = now;
        await sync(second);
        return answered([{ id: '1', phoneNumber: ANNE }]);
      };
      await sync(app);
      expect(await stopIdsOf(app, PLATFORM)).toEqual({});
    } finally {
      await second.close();
    }
  });

  test('are asked for no more once the process stops', async () => {
    provider.onOptOuts = () => {
      app.nest.get(SyncOptOuts).onModuleDestroy();
      return answered([]);
    };
    await sync(app);
    expect(provider.asked).toEqual([PLATFORM_KEY]);
  });
});

test.for([
  ['on the simulator', { SMS_PROVIDER: 'simulator' }, []],
  ['without a key of the platform', { SMSPARTNER_API_KEY: '' }, [KEY]],
] as const)('%s only the lists that there are get asked for', async ([, env, asked]) => {
  await setCredential(app, tenant, KEY);
  const elsewhere = await appWithStopLists(provider, { databaseUrl: database.ownerUrl, env });
  try {
    await sync(elsewhere);
    expect(provider.asked).toEqual(asked);
  } finally {
    await elsewhere.close();
  }
});
