import { afterEach, describe, expect, test } from 'vitest';
import { Transactions } from '../../src/kernel/index.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { createDatabase } from '../support/database.js';
import { accepted, balanceOf, look } from '../support/messages.js';
import { post } from '../support/receipts.js';
import { answer } from '../support/replies.js';
import { appAt, type TestApp } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00Z';
const SEND = 'mutation { sendSms(input: { to: ["+33612345678"], text: "Bonjour" }) { __typename } }';

let app: TestApp;
const afterwards: (() => unknown)[] = [];
afterEach(async () => {
  await app.close();
  for (const undo of afterwards.splice(0)) await undo();
});

describe('without the database', () => {
  test('Relais answers SERVICE_UNAVAILABLE with what to do, and answers again by itself once the wire is mended', async () => {
    const database = await createDatabase();
    const proxy = await CuttableProxy.before(database.ownerUrl);
    afterwards.push(
      () => proxy.cut(),
      () => database.drop(),
    );
    app = await appAt(OPEN, { databaseUrl: proxy.url });
    const { gql } = await app.tenant();
    const before = await accepted(gql);

    await proxy.cut();
    for (const document of [SEND, '{ viewer { scopes } }', '{ prices { amount } }']) {
      const { errors } = await gql.ask(document);
      expect(errors).toEqual([
        expect.objectContaining({
          message: expect.stringContaining('Try again'),
          extensions: { code: 'SERVICE_UNAVAILABLE', requestId: expect.any(String) },
        }),
      ]);
    }

    const callback = `${app.url}/callbacks/replies/${'a'.repeat(43)}`;
    const refused = await post(callback, answer('+33612345678', 'STOP'));
    expect(refused).toMatchObject({ status: 503, body: expect.stringMatching(/^.{0,200}$/) });
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    expect(metrics).toContain('relais_callbacks_total{kind="reply",end="unavailable"} 1');

    await proxy.mend();
    expect((await look(gql, before.id)).status).toBe('QUEUED');
    expect((await accepted(gql)).status).toBe('QUEUED');
    expect(await balanceOf(gql)).toBe('99.9100');
  });

  test('requests that are under way when the wire is cut are refused whole or accepted whole', async () => {
    const database = await createDatabase();
    const proxy = await CuttableProxy.before(database.ownerUrl);
    afterwards.push(
      () => proxy.cut(),
      () => database.drop(),
    );
    app = await appAt(OPEN, { databaseUrl: proxy.url });
    const { gql, id } = await app.tenant();
    const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`);
    const document = `mutation ($key: String!) { sendSms(input: { to: ["+33612345678"], text: "Bonjour", idempotencyKey: $key }) { __typename ... on Message { id } } }`;
    const ask = (key: string) => gql.ask<{ sendSms: { __typename: string; id: string } }>(document, { key });
    const asked = keys.map(ask);
    await Promise.race(asked);
    await proxy.cut();
    const first = await Promise.all(asked);
    for (const { data, errors } of first) {
      expect(data?.sendSms.__typename ?? errors[0]?.extensions.code).toMatch(/^(Message|SERVICE_UNAVAILABLE)$/);
    }
    await proxy.mend();
    const second = await Promise.all(keys.map(ask));
    for (const [index, { data }] of second.entries()) {
      expect(data?.sendSms.__typename).toBe('Message');
      const told = first[index]?.data;
      if (told) expect(data?.sendSms.id).toBe(told.sendSms.id);
    }
    expect(await balanceOf(gql)).toBe('98.6500');
    const [count] = await app.sql<{ count: number }>(
      'select count(*)::int as count from messages where tenant_id = $1',
      [id],
    );
    expect(count?.count).toBe(30);
  });

  test('a transaction that finds its connection gone between two statements is no fault of ours', async () => {
    const database = await createDatabase();
    const proxy = await CuttableProxy.before(database.ownerUrl);
    afterwards.push(
      () => proxy.cut(),
      () => database.drop(),
    );
    app = await appAt(OPEN, { databaseUrl: proxy.url });

    const lost = app.nest.get(Transactions).run([], async tx => {
      await tx.rows('select 1');
      await proxy.cut();
      await expect.poll(() => tx.rows('select 2').catch(String)).toContain('Connection terminated');
      await tx.rows('select 3');
    });
    await expect(lost).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await proxy.mend();
  });
});
