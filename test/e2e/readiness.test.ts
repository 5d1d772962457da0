import { request } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { MessagingWorkers } from '../../src/messaging/index.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { freePort } from '../support/chaos/free-port.js';
import { createDatabase } from '../support/database.js';
import { accepted } from '../support/messages.js';
import { appAt, type TestApp } from '../support/test-app.js';

const OPEN = '2026-01-13T10:00:00.000Z';

const afterwards: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const done of afterwards.splice(0).toReversed()) await done();
});

async function started(options: Parameters<typeof appAt>[1] = {}): Promise<TestApp> {
  const app = await appAt(OPEN, options);
  afterwards.push(() => app.close());
  return app;
}

async function told(url: string): Promise<{ status: number; body: string }> {
  const { statusCode, body } = await request(url);
  return { status: statusCode, body: await body.text() };
}

const errorsOf = (body: string): Readonly<Record<string, { readonly status: string }>> => JSON.parse(body).error;

describe('/readyz', () => {
  test('is 200 while the database answers, is migrated, and nothing lies about', async () => {
    const { url } = await started();
    const { status, body } = await told(`${url}/readyz`);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      status: 'ok',
      details: {
        process: { status: 'up' },
        database: { status: 'up' },
        queues: { status: 'up', ageSeconds: { release: 0, send: 0, receipts: 0 } },
      },
    });
  });

  test('is 503 while the database is away, names the check and nothing of the database; then 200 again. /healthz does not mind', async () => {
    const database = await createDatabase();
    afterwards.push(() => database.drop());
    const proxy = await CuttableProxy.before(database.ownerUrl);
    afterwards.push(() => proxy.cut());
    const { url } = await started({ databaseUrl: proxy.url });
    await proxy.cut();
    const { status, body } = await told(`${url}/readyz`);
    expect(status).toBe(503);
    expect(errorsOf(body)).toEqual({
      database: { status: 'down', message: 'cannot be asked' },
      queues: { status: 'down', message: 'cannot be asked' },
    });
    const { port, hostname, password } = new URL(proxy.url);
    for (const secret of [port, hostname, password, database.name].filter(Boolean)) expect(body).not.toContain(secret);
    expect(await told(`${url}/healthz`)).toEqual({ status: 200, body: '{"status":"ok"}' });
    await proxy.mend();
    expect((await told(`${url}/readyz`)).status).toBe(200);
  });

  test('is 503 while a migration that this version needs is missing', async () => {
    const app = await started();
    await app.sql(`delete from migrations where name = 'Figures1767744000000'`);
    const { status, body } = await told(`${app.url}/readyz`);
    expect(status).toBe(503);
    expect(errorsOf(body)).toEqual({ database: { status: 'down', message: 'lacks 1 migrations of this version' } });
  });

  test('is 503 where due work is older than allowed, and says how old', async () => {
    const app = await started({ env: { READY_MAX_QUEUE_AGE_SECONDS: '60' } });
    const { gql } = await app.tenant();
    await accepted(gql);
    app.clock.advance({ seconds: 60 });
    expect((await told(`${app.url}/readyz`)).status).toBe(200);
    app.clock.advance({ seconds: 10 });
    const { status, body } = await told(`${app.url}/readyz`);
    expect(status).toBe(503);
    expect(errorsOf(body)).toEqual({
      queues: {
        status: 'down',
        message: 'due work is older than 60 s',
        ageSeconds: { release: 0, send: 70, receipts: 0 },
      },
    });
    await app.tick();
    app.clock.advance({ seconds: 10 });
    expect((await told(`${app.url}/readyz`)).status).toBe(200);
  });

  test('0 asks for no age', async () => {
    const app = await started({ env: { READY_MAX_QUEUE_AGE_SECONDS: '0' } });
    const { gql } = await app.tenant();
    await accepted(gql);
    app.clock.advance({ hours: 1 });
    expect((await told(`${app.url}/readyz`)).status).toBe(200);
  });
});

test('METRICS_PORT takes /metrics off the public port; probes answer on both', async () => {
  const port = await freePort();
  const { url } = await started({ env: { METRICS_PORT: String(port), HOST: '127.0.0.1' } });
  const inside = `http://127.0.0.1:${port}`;
  expect((await told(`${url}/metrics`)).status).toBe(404);
  expect((await told(`${inside}/metrics`)).body).toContain('relais_messages_accepted_total 0');
  for (const base of [url, inside]) {
    expect((await told(`${base}/healthz`)).status).toBe(200);
    expect((await told(`${base}/readyz`)).status).toBe(200);
  }
  for (const path of ['/graphql', '/v1/me', '/']) expect((await told(`${inside}${path}`)).status).toBe(404);
});

test('as soon as it is asked to stop it is not ready any more, while it still drains', async () => {
  const port = await freePort();
  const app = await appAt(OPEN, { env: { METRICS_PORT: String(port), HOST: '127.0.0.1' } });
  const inside = `http://127.0.0.1:${port}`;
  expect((await told(`${inside}/readyz`)).status).toBe(200);
  const asked = Promise.withResolvers<void>();
  const drained = Promise.withResolvers<void>();
  // Something that takes its time to end.
  Object.assign(app.nest.get(MessagingWorkers), {
    beforeApplicationShutdown: () => {
      asked.resolve();
      return drained.promise;
    },
  });
  const closed = app.close();
  await asked.promise;
  const { status, body } = await told(`${inside}/readyz`);
  expect(status).toBe(503);
  expect(JSON.parse(body)).toMatchObject({ error: { process: { status: 'down', message: 'is stopping' } } });
  expect((await told(`${inside}/healthz`)).status).toBe(200);
  drained.resolve();
  await closed;
  await expect(told(`${inside}/healthz`)).rejects.toThrow();
});
