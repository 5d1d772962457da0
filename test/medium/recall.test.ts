import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accepted, balanceOf, cancel, deliveriesOf, look, type MessageView } from '../support/messages.js';
import { booksOf } from '../support/ledger.js';
import { refundsOf } from '../support/attempts.js';
import { ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const TWO = ['+33612345678', '+33612345679'];

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  provider = new ScriptedProvider('smspartner');
  app = await appAt(TUESDAY, { provider });
  tenant = await app.tenant();
});
afterEach(() => app.close());

async function sent(to: readonly string[] = TWO): Promise<MessageView> {
  const { id } = await accepted(tenant.gql, { to });
  await app.tick();
  const message = await look(tenant.gql, id);
  expect(message.status).toBe('SENT');
  return message;
}

async function sound(balance: string): Promise<void> {
  const books = await booksOf(app, tenant.id);
  expect(books).toEqual({ balance, ledger: balance, due: balance, misjudged: 0, overdrawn: 0 });
}

describe('a message that the provider has taken and still keeps', () => {
  test('is called back: cancelled, paid back once, with the provider’s word for it in its timeline', async () => {
    const message = await sent();
    provider.onCancel = { status: 'answered', value: 'cancelled' };
    expect(await cancel(tenant.gql, message.id)).toMatchObject({ __typename: 'Message', status: 'CANCELLED' });
    expect((await deliveriesOf(tenant.gql, message.id)).map(({ status, cost }) => [status, cost])).toEqual([
      ['CANCELLED', '0.0000'],
      ['CANCELLED', '0.0000'],
    ]);
    expect((await look(tenant.gql, message.id)).timeline.at(-1)).toMatchObject({
      kind: 'called-back',
      detail: '2 recipients, paid back: the provider still kept it',
    });
    expect(await refundsOf(app, message.id)).toEqual(['0.0900']);
    await sound('100.0000');
    expect(await cancel(tenant.gql, message.id)).toMatchObject({ __typename: 'TooLate', status: 'CANCELLED' });
    expect(await refundsOf(app, message.id)).toEqual(['0.0900']);
  });

  test('is asked for by the id that the provider gave it, with the account that sent it', async () => {
    const mutation = 'mutation ($id: ID!) { setProviderCredential(tenantId: $id, apiKey: "cle-du-client") { id } }';
    await app.admin.run(mutation, { id: tenant.id });
    const message = await sent();
    const [attempt] = await app.sql<{ provider_message_id: string }>('select provider_message_id from attempts');
    await cancel(tenant.gql, message.id);
    expect(provider.questions).toEqual([
      { question: 'cancel', about: attempt?.provider_message_id, credential: { apiKey: 'cle-du-client' } },
    ]);
  });

  test.for([
    ['too-late', { status: 'answered', value: 'too-late' }],
    ['not-found', { status: 'answered', value: 'not-found' }],
    ['no answer', { status: 'no-answer', reason: 'timed out' }],
  ] as const)('stays as it is where the provider says %s: TooLate, still SENT and charged', async ([, answer]) => {
    const message = await sent();
    provider.onCancel = answer;
    expect(await cancel(tenant.gql, message.id)).toMatchObject({ __typename: 'TooLate', status: 'SENT' });
    expect((await look(tenant.gql, message.id)).status).toBe('SENT');
    expect(await balanceOf(tenant.gql)).toBe('99.9100');
    await sound('99.9100');
  });

  test('of which one was delivered meanwhile gives back only the other', async () => {
    const message = await sent();
    await app.sql(`update deliveries set status = 'DELIVERED' where phone_number = $1`, [TWO[0]]);
    provider.onCancel = { status: 'answered', value: 'cancelled' };
    await cancel(tenant.gql, message.id);
    expect((await deliveriesOf(tenant.gql, message.id)).map(({ status }) => status)).toEqual([
      'DELIVERED',
      'CANCELLED',
    ]);
    await sound('99.9550');
  });
});

test('what has not left is stopped and what has is called back, in one go', async () => {
  provider.answers({
    status: 'refused',
    code: '55',
    reason: 'x',
    recipients: [{ phoneNumber: '+33612345678', code: '13', reason: 'x' }],
  });
  const message = await accepted(tenant.gql, { to: ['+33612345678', '+262692123456'] });
  provider.onCancel = { status: 'answered', value: 'cancelled' };
  await app.tick();
  expect(await cancel(tenant.gql, message.id)).toMatchObject({ __typename: 'Message' });
  expect((await deliveriesOf(tenant.gql, message.id)).map(({ status }) => status).toSorted()).not.toContain('SENT');
  await sound('100.0000');
});

test('a message whose provider has nothing of it is not asked about', async () => {
  const message = await accepted(tenant.gql);
  expect(await cancel(tenant.gql, message.id)).toMatchObject({ status: 'CANCELLED' });
  expect(provider.questions).toEqual([]);
});
