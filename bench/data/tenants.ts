import { request } from 'undici';

export const ADMIN_KEY = `rk_${'b'.repeat(42)}A`;
const CREDIT = '9000000.0000';

export interface Tenant {
  readonly id: string;
  readonly key: string;
}

/** Tenants with credit and a key, whose SMS are transactional: what is measured must not depend on the hour. */
export async function makeTenants(address: string, count: number): Promise<readonly Tenant[]> {
  const price = { route: 'PREMIUM', prefix: '33', amount: '0.0450' };
  await admin(address, 'mutation ($input: SetPriceInput!) { setPrice(input: $input) { amount } }', { input: price });
  const tenants: Tenant[] = [];
  for (let place = 1; place <= count; place += 1) tenants.push(await makeTenant(address, `tenant ${place}`));
  return tenants;
}

async function makeTenant(address: string, name: string): Promise<Tenant> {
  const { createTenant } = await admin<{ createTenant: { id: string } }>(
    address,
    'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { id } }',
    { input: { name, transactionalAllowed: true, defaultCategory: 'TRANSACTIONAL' } },
  );
  await admin(
    address,
    'mutation ($id: ID!, $amount: Decimal!) { creditTenant(id: $id, amount: $amount, reason: "bench", idempotencyKey: "bench") { id } }',
    { id: createTenant.id, amount: CREDIT },
  );
  const { issueApiKey } = await admin<{ issueApiKey: { secret: string } }>(
    address,
    'mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret } }',
    { input: { tenantId: createTenant.id, name: 'bench', scopes: ['SEND', 'READ', 'MANAGE'] } },
  );
  return { id: createTenant.id, key: issueApiKey.secret };
}

const admin = <T>(address: string, query: string, variables: object): Promise<T> =>
  graphqlAs(address, ADMIN_KEY, query, variables);

/** One GraphQL operation; throws what it is refused with. `T` is what the query beside the call asks for. */
export async function graphqlAs<T>(address: string, key: string, query: string, variables: object = {}): Promise<T> {
  const { body } = await request(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables }),
  });
  const text = await body.text();
  const answer: { readonly data?: T | null; readonly errors?: readonly object[] } = JSON.parse(text);
  if (answer.errors !== undefined || answer.data == null)
    throw new Error(`GraphQL was answered: ${text.slice(0, 500)}`);
  return answer.data;
}
