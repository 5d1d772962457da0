import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { BuiltRelais, emptyFolder, eventually } from './built-relais.js';
import { createDatabase, query, type TestDatabase } from './database.js';
import { GraphqlClient } from './graphql-client.js';

type Environment = Readonly<Record<string, string>>;

/** One Relais as a process of its own, on a database and a port of its own, which it keeps over restarts. */
export class House {
  readonly admin: GraphqlClient;
  private relais: BuiltRelais | null = null;

  private constructor(
    readonly address: string,
    private readonly database: TestDatabase,
    private readonly folder: Awaited<ReturnType<typeof emptyFolder>>,
    private readonly env: Environment,
  ) {
    this.admin = new GraphqlClient(address, env['ADMIN_API_KEY'] ?? '');
  }

  static async build(env: Environment): Promise<House> {
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const database = await createDatabase();
    return new House(address, database, await emptyFolder(), {
      PORT: String(port),
      PUBLIC_URL: address,
      DATABASE_URL: database.ownerUrl,
      MASTER_KEY: randomBytes(32).toString('base64'),
      ADMIN_API_KEY: `rk_${randomBytes(32).toString('base64url')}`,
      WEBHOOK_ALLOW: '127.0.0.0/8,::1/128',
      ...env,
    });
  }

  async start(): Promise<void> {
    this.relais = BuiltRelais.run(this.folder.path, this.env);
    await this.relais.up();
  }

  async stop(): Promise<void> {
    await this.relais?.stop();
    this.relais = null;
  }

  /** SQL behind the scenes, as the owner. */
  sql<T extends Record<string, unknown>>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return query<T>(this.database.ownerUrl, sql, parameters);
  }

  /** What went wrong by its own account: log lines of level error and above. */
  get errors(): readonly string[] {
    return (this.relais?.log ?? []).filter(line => /^\{"level":"?(?:error|fatal|50|60)\b/.test(line));
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.database.drop();
    await this.folder.remove();
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const listening = Promise.withResolvers<void>();
  probe.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = probe.address();
  const closed = Promise.withResolvers<void>();
  probe.close(() => closed.resolve());
  await closed.promise;
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

export interface Customer {
  readonly id: string;
  readonly key: string;
  readonly gql: GraphqlClient;
}

const ROUTES = ['PREMIUM', 'ECO'] as const;
const PREFIXES = ['33', '594', '687'];

/** A house's price per part: what it asks of its tenants. */
export async function setPrices({ admin }: House, amount: string): Promise<void> {
  const document = 'mutation ($input: SetPriceInput!) { setPrice(input: $input) { amount } }';
  for (const route of ROUTES)
    for (const prefix of PREFIXES) await admin.run(document, { input: { route, prefix, amount } });
}

/** A tenant of a house, with 10 EUR and a key that may do everything. */
export async function customerOf(house: House, name: string): Promise<Customer> {
  const { createTenant } = await house.admin.run<{ createTenant: { id: string } }>(
    'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { id } }',
    { input: { name, transactionalAllowed: true, unicodeAllowed: true } },
  );
  const { id } = createTenant;
  await house.admin.run(
    'mutation ($id: ID!) { creditTenant(id: $id, amount: "10.0000", reason: "test", idempotencyKey: "test") { id } }',
    { id },
  );
  const key = await keyOf(house, id, 'TRANSACTIONAL');
  return { id, key, gql: new GraphqlClient(house.address, key) };
}

/** A key whose messages over the drop-in API are of this category. */
export async function keyOf(
  house: House,
  tenantId: string,
  defaultCategory: 'COMMERCIAL' | 'TRANSACTIONAL',
): Promise<string> {
  const input = { tenantId, name: 'test', scopes: ['SEND', 'READ', 'MANAGE'], defaultCategory };
  const document = 'mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret } }';
  return (await house.admin.run<{ issueApiKey: { secret: string } }>(document, { input })).issueApiKey.secret;
}

/** Asks again until what it sees is as wanted, and answers that; fails with what it saw last. */
export async function seen<T>(ask: () => Promise<T>, wanted: (value: T) => boolean, seconds = 20): Promise<T> {
  let last = await ask();
  const so = async (): Promise<boolean> => {
    if (!wanted(last)) last = await ask();
    return wanted(last);
  };
  await eventually(so, seconds).catch((error: unknown) => {
    throw new Error(`seen last: ${JSON.stringify(last)}`, { cause: error });
  });
  return last;
}
