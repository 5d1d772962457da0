import { afterEach, expect, test } from 'vitest';
import { accepted } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { accept, BLOCKED, ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, type TestApp } from '../support/test-app.js';

const OPEN = '2026-01-13T10:00:00.000Z';
const NIGHT = '2026-01-13T22:00:00.000Z';
const PHONE = '+33612345678';

let app: TestApp;
afterEach(() => app.close());

async function scraped(): Promise<string> {
  const answer = await fetch(`${app.url}/metrics`);
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return answer.text();
}

/** Samples of ours that are not zero, buckets of histograms left out. */
async function metrics(): Promise<string[]> {
  const lines = (await scraped()).split('\n').filter(line => /^relais_(?!.*_bucket)/.test(line));
  return lines.filter(line => !line.endsWith(' 0')).toSorted();
}

test('GET /metrics counts messages, calls and receipts by their end, and the alarms of accounts', async () => {
  const provider = new ScriptedProvider().answers(accept, BLOCKED);
  app = await appAt(OPEN, { provider });
  const { gql } = await app.tenant();
  expect(await metrics()).toEqual([]);

  await accepted(gql, { to: [PHONE] });
  await app.tick();
  const url = provider.calls.at(-1)?.sms.receiptUrl ?? '';
  for (const number of [PHONE, '+33700000000']) await post(url, receipt(number, 'delivered'));
  app.clock.advance({ seconds: 2 });
  await app.tick();
  await accepted(gql, { to: [PHONE] });
  await app.tick();

  expect(await metrics()).toEqual([
    'relais_attempts_total{outcome="accepted"} 1',
    'relais_attempts_total{outcome="blocked"} 1',
    'relais_callbacks_total{kind="receipt",end="stored"} 2',
    'relais_messages_accepted_total 2',
    'relais_provider_account_alarms_total 1',
    'relais_receipt_lag_seconds_count 1',
    'relais_receipt_lag_seconds_sum 2',
    'relais_receipts_total{end="applied"} 1',
    'relais_receipts_total{end="unknown"} 1',
  ]);
});

test('what the night holds back and the morning releases is counted, and how long it has been due', async () => {
  app = await appAt(NIGHT);
  const { gql, id } = await app.tenant();
  await accepted(gql, { to: [PHONE], category: 'COMMERCIAL' });
  expect(await metrics()).toEqual(['relais_messages_accepted_total 1', 'relais_submissions_held_total 1']);

  // Ten minutes past eight, and nobody has looked.
  app.clock.set('2026-01-14T07:10:00.000Z');
  expect(await metrics()).toContain('relais_queue_age_seconds{queue="release"} 600');
  await app.admin.run('mutation ($id: ID!) { suspendTenant(id: $id, reason: "x") { id } }', { id });
  app.clock.advance({ seconds: 10 });
  expect(await metrics()).not.toContainEqual(expect.stringContaining('queue_age'));
  await app.admin.run('mutation ($id: ID!) { reactivateTenant(id: $id) { id } }', { id });
  await app.tick();
  app.clock.advance({ seconds: 10 });
  expect(await metrics()).toEqual(
    expect.arrayContaining(['relais_submissions_released_total 1', 'relais_attempts_total{outcome="accepted"} 1']),
  );
  expect(await metrics()).not.toContainEqual(expect.stringContaining('queue_age'));
});

test('a blocked account leaves nothing due: what is queued waits for its probe', async () => {
  app = await appAt(OPEN, { provider: new ScriptedProvider().answers(accept) });
  const { gql } = await app.tenant();
  await accepted(gql, { to: [PHONE] });
  app.clock.advance({ seconds: 60 });
  expect(await metrics()).toContain('relais_queue_age_seconds{queue="send"} 60');
  await app.sql(
    `insert into provider_blocks (tenant_id, provider, code, reason, since, probe_at)
     values ('00000000-0000-0000-0000-000000000000', 'simulator', '11', 'x', $1, $1::timestamptz + interval '1 hour')`,
    [OPEN],
  );
  app.clock.advance({ seconds: 10 });
  expect(await metrics()).not.toContainEqual(expect.stringContaining('queue_age'));
});

test('doubt, and calls to tenants that are still to be made, are gauges of all processes', async () => {
  app = await appAt(OPEN);
  const { gql } = await app.tenant();
  await accepted(gql, { to: ['+33612340004'], receiptUrl: 'https://a.example/dlr' });
  await accepted(gql, { to: ['+33612340001'], receiptUrl: 'https://a.example/dlr' });
  await app.tick();
  expect(await metrics()).toEqual(
    expect.arrayContaining(['relais_unconfirmed_messages 1', 'relais_webhook_backlog 1']),
  );
});

test('the process tells its own state too, and no label names a tenant, a number or a message', async () => {
  app = await appAt(OPEN);
  const { gql, id, key } = await app.tenant();
  const message = await accepted(gql, { to: [PHONE], text: 'A secret text', tag: 'spring' });
  await app.tick();
  const text = await scraped();
  for (const name of [
    'nodejs_eventloop_lag_seconds',
    'nodejs_eventloop_lag_p99_seconds',
    'process_resident_memory_bytes',
  ])
    expect(text).toMatch(new RegExp(`^${name} `, 'm'));
  for (const secret of [id, key, PHONE.slice(3), message.id, 'secret', 'spring']) expect(text).not.toContain(secret);
});

test('while the database is away the counters are still told, and what would come from it is absent', async () => {
  app = await appAt(OPEN);
  const { gql } = await app.tenant();
  await accepted(gql, { to: [PHONE] });
  await app.sql('alter function work_figures(text, timestamptz) rename to away');
  const text = await scraped();
  expect(text).toMatch(/^relais_messages_accepted_total 1$/m);
  expect(text).not.toMatch(/^relais_(unconfirmed_messages|webhook_backlog|queue_age_seconds)[ {]/m);
});
