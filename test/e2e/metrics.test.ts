import { afterEach, expect, test } from 'vitest';
import { accepted } from '../support/messages.js';
import { post, receipt } from '../support/receipts.js';
import { accept, BLOCKED, ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, type TestApp } from '../support/test-app.js';

const OPEN = '2026-01-13T10:00:00.000Z';
const PHONE = '+33612345678';

let app: TestApp;
afterEach(() => app.close());

async function metrics(): Promise<string[]> {
  const answer = await fetch(`${app.url}/metrics`);
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.headers.get('content-type')).toContain('text/plain');
  return (await answer.text()).split('\n').filter(line => line.startsWith('relais_'));
}

test('GET /metrics counts calls and receipts by their end, and the alarms of accounts', async () => {
  const provider = new ScriptedProvider().answers(accept, BLOCKED);
  app = await appAt(OPEN, { provider });
  const { gql } = await app.tenant();
  expect(await metrics()).toEqual(['relais_provider_account_alarms_total 0']);

  await accepted(gql, { to: [PHONE] });
  await app.tick();
  const url = provider.calls.at(-1)?.sms.receiptUrl ?? '';
  for (const number of [PHONE, '+33700000000']) await post(url, receipt(number, 'delivered'));
  app.clock.advance({ seconds: 1 });
  await app.tick();
  await accepted(gql, { to: [PHONE] });
  await app.tick();

  expect((await metrics()).toSorted()).toEqual([
    'relais_attempts_total{outcome="accepted"} 1',
    'relais_attempts_total{outcome="blocked"} 1',
    'relais_callbacks_total{kind="receipt",end="stored"} 2',
    'relais_provider_account_alarms_total 1',
    'relais_receipts_total{end="applied"} 1',
    'relais_receipts_total{end="unknown"} 1',
  ]);
});
