import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { accepted, refused } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await appAt('2026-01-06T09:00:00Z');
});
beforeEach(async () => {
  tenant = await app.tenant({ allowedSenders: ['Boutique', 'Boutique 2'], defaultSender: 'Boutique' });
});
afterAll(() => app.close());

const dropIn = async (sender: string): Promise<unknown> => {
  const body = JSON.stringify({ apiKey: tenant.key, phoneNumbers: '0612345678', message: 'x', sender });
  return (await request(`${app.url}/v1/send`, { method: 'POST', body })).body.json();
};

test('a sender that a tenant may not use is a problem of the field sender, and code 992 on SMS Partner’s API', async () => {
  const refusal = await refused(tenant.gql, { sender: 'Autre' });
  expect(refusal.__typename).toBe('InvalidSms');
  expect(refusal.problems).toEqual([
    { path: ['sender'], code: 'SENDER_NOT_ALLOWED', message: expect.stringMatching(/Boutique|administrator|allowed/) },
  ]);
  expect(await dropIn('Autre')).toMatchObject({ success: false, code: 992 });
});

test('those that it may use, and its default, are accepted on both', async () => {
  for (const sender of ['Boutique', 'Boutique 2', undefined]) await accepted(tenant.gql, { sender });
  expect(await dropIn('Boutique 2')).toMatchObject({ success: true });
});

test('a change of the list holds for the next message', async () => {
  await app.admin.run('mutation ($id: ID!) { updateTenant(id: $id, input: { allowedSenders: null }) { id } }', {
    id: tenant.id,
  });
  await accepted(tenant.gql, { sender: 'Autre' });
  expect(await dropIn('Autre')).toMatchObject({ success: true });
});
