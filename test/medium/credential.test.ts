import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Seal } from '../../src/accounts/seal.js';
import { outcomesOf, refundsOf } from '../support/attempts.js';
import { accepted, deliveriesOf, look, type MessageView } from '../support/messages.js';
import { ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, configOf, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const API_KEY = 'cle-du-client-0123456789';

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;

beforeEach(async () => {
  provider = new ScriptedProvider('smspartner');
  app = await appAt(TUESDAY, { provider });
  tenant = await app.tenant();
});
afterEach(() => app.close());

const see = (message: MessageView): Promise<MessageView> => look(tenant.gql, message.id);

const setCredential = (apiKey: string): Promise<unknown> =>
  app.admin.run(
    'mutation ($id: ID!, $apiKey: String!) { setProviderCredential(tenantId: $id, provider: "smspartner", apiKey: $apiKey) { id } }',
    { id: tenant.id, apiKey },
  );

/** As if Relais now ran under another MASTER_KEY than the one this tenant's credential was sealed under. */
async function sealUnderAnotherKey(): Promise<void> {
  const other = new Seal(
    configOf({ DATABASE_URL: 'postgresql://x', MASTER_KEY: Buffer.alloc(32, 9).toString('base64') }),
  );
  await app.sql('update provider_credentials set sealed = $2, master_key_id = $3 where tenant_id = $1', [
    tenant.id,
    other.close(API_KEY, `${tenant.id}/smspartner`),
    other.keyId,
  ]);
}

const damage = (): Promise<unknown> =>
  app.sql(`update provider_credentials set sealed = '\\x00' where tenant_id = $1`, [tenant.id]);

const keysCalledWith = (): (string | undefined)[] => provider.calls.map(({ credential }) => credential?.apiKey);

async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    app.clock.advance({ minutes: 1 });
    await app.tick();
  }
}

describe.for([
  ['sealed under another MASTER_KEY', sealUnderAnotherKey],
  ['damaged', damage],
] as const)("a tenant's credential that is %s", ([, spoil]) => {
  test('fails nothing: what would leave with it waits for the account, says so, and is called for by nobody', async () => {
    await setCredential(API_KEY);
    await spoil();
    const message = await accepted(tenant.gql);
    await app.tick();
    await minutes(10);
    expect(await see(message)).toMatchObject({
      status: 'QUEUED',
      counts: { waiting: 1, refused: 0 },
      waiting: [
        {
          kind: 'PROVIDER_ACCOUNT',
          nextCheckAt: '2026-01-13T10:11:00.000Z',
          explanation: expect.stringMatching(/credential.*MASTER_KEY/),
        },
      ],
    });
    expect(await deliveriesOf(tenant.gql, message.id)).toMatchObject([{ status: 'WAITING', errorCode: null }]);
    // Nor does it go through the platform's account: that is not what the tenant is charged for.
    expect(provider.calls).toEqual([]);
    expect(await outcomesOf(app, message.id)).toEqual([]);
    expect(await refundsOf(app, message.id)).toEqual([]);
  });

  test('and then set anew lets it leave within the minute, with the new key', async () => {
    await setCredential(API_KEY);
    await spoil();
    const message = await accepted(tenant.gql);
    await app.tick();
    await setCredential('nouvelle-cle-0123456789');
    await minutes(1);
    expect((await see(message)).status).toBe('SENT');
    expect(keysCalledWith()).toEqual(['nouvelle-cle-0123456789']);
  });

  test('keeps nobody else waiting', async () => {
    await setCredential(API_KEY);
    await spoil();
    await accepted(tenant.gql);
    const other = await app.tenant();
    const theirs = await accepted(other.gql);
    await app.tick();
    expect((await look(other.gql, theirs.id)).status).toBe('SENT');
    expect(keysCalledWith()).toEqual([undefined]);
  });

  test('does not keep a sandbox message, which reaches nobody', async () => {
    await setCredential(API_KEY);
    await spoil();
    const message = await accepted(tenant.gql, { sandbox: true });
    await app.tick();
    expect((await see(message)).status).toBe('SENT');
  });
});

test("a tenant's credential that opens is the one that is called with", async () => {
  await setCredential(API_KEY);
  const message = await accepted(tenant.gql);
  await app.tick();
  expect((await see(message)).status).toBe('SENT');
  expect(keysCalledWith()).toEqual([API_KEY]);
});
