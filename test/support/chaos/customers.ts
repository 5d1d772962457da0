import { GraphqlClient } from '../graphql-client.js';
import type { Pair, Shown } from './judge.js';

export interface Customer {
  readonly name: string;
  readonly key: string;
  /** In ten-thousandths. */
  readonly credit: number;
  readonly resendWhenAbsent: boolean;
}

export const PRICE = 450;

/** Two as most are, one who runs out of credit, and one who wants no SMS sent again without being asked. */
const CUSTOMERS = [
  { name: 'ample', credit: 10_000_000, resendWhenAbsent: true },
  { name: 'second', credit: 10_000_000, resendWhenAbsent: true },
  { name: 'poor', credit: 50 * PRICE, resendWhenAbsent: true },
  { name: 'careful', credit: 10_000_000, resendWhenAbsent: false },
] as const;

export const amountOf = (units: number): string => (units / 10_000).toFixed(4);

export async function makeCustomers(admin: GraphqlClient): Promise<readonly Customer[]> {
  const price = { route: 'PREMIUM', prefix: '33', amount: amountOf(PRICE) };
  await admin.run('mutation ($input: SetPriceInput!) { setPrice(input: $input) { amount } }', { input: price });
  const customers: Customer[] = [];
  for (const { credit, ...customer } of CUSTOMERS) {
    const input = { ...customer, transactionalAllowed: true, defaultCategory: 'TRANSACTIONAL' };
    const { createTenant } = await admin.run<{ createTenant: { id: string } }>(
      'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { id } }',
      { input },
    );
    await admin.run(
      'mutation ($id: ID!, $amount: Decimal!) { creditTenant(id: $id, amount: $amount, reason: "chaos", idempotencyKey: "chaos") { id } }',
      { id: createTenant.id, amount: amountOf(credit) },
    );
    const key = { tenantId: createTenant.id, name: 'chaos', scopes: ['SEND', 'READ', 'MANAGE'] };
    const { issueApiKey } = await admin.run<{ issueApiKey: { secret: string } }>(
      'mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret } }',
      { input: key },
    );
    customers.push({ ...customer, credit, key: issueApiKey.secret });
  }
  return customers;
}

interface Page {
  readonly messages: {
    readonly nodes: readonly {
      readonly text: string;
      readonly deliveries: {
        readonly nodes: readonly {
          readonly phoneNumber: string;
          readonly status: string;
          readonly errorCode: string | null;
        }[];
      };
    }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

const MESSAGES = `query ($after: String) { messages(first: 100, after: $after) {
  nodes { text deliveries(first: 100) { nodes { phoneNumber status errorCode } } } pageInfo { hasNextPage endCursor } } }`;

/** Every recipient of a customer's, as Relais shows it to him. */
export async function shownTo(address: string, { name, key }: Customer): Promise<readonly Shown[]> {
  const gql = new GraphqlClient(address, key);
  const shown: Shown[] = [];
  let after: string | null = null;
  for (;;) {
    const { messages }: Page = await gql.run<Page>(MESSAGES, { after });
    for (const { text, deliveries } of messages.nodes) {
      for (const { phoneNumber, status, errorCode } of deliveries.nodes) {
        shown.push({ tenant: name, to: phoneNumber, text, status, errorCode });
      }
    }
    if (!messages.pageInfo.hasNextPage) return shown;
    after = messages.pageInfo.endCursor;
  }
}

export async function balanceOf(address: string, { key }: Customer): Promise<number> {
  const gql = new GraphqlClient(address, key);
  const { viewer } = await gql.run<{ viewer: { tenant: { balance: string } } }>('{ viewer { tenant { balance } } }');
  return unitsOf(viewer.tenant.balance);
}

export const unitsOf = (amount: string): number => Math.round(Number(amount) * 10_000);

/** A French mobile of its own for each index. */
export const pairOf = (index: number): Pair => ({ to: `+336${String(30_000_000 + index)}`, text: `Code ${index}` });
