import { SyncOptOuts } from '../../src/messaging/opt-outs/sync-opt-outs.js';
import type { Answer, ProviderCredential, ProviderOptOut } from '../../src/providers/index.js';
import type { GraphqlClient } from './graphql-client.js';
import { deliveriesOf } from './messages.js';
import { answered, ScriptedProvider } from './scripted-provider.js';
import { appAt, type AppOptions, type TestApp, type TestTenant } from './test-app.js';

export const PLATFORM_KEY = 'cle-de-la-plateforme-0123456789';

/** A provider with a STOP list for each account, kept as SMS Partner keeps its own, where the script says nothing else. */
export class StopLists extends ScriptedProvider {
  private readonly lists = new Map<string, ProviderOptOut[]>();
  private lastId = 100;
  private asking = PLATFORM_KEY;

  constructor() {
    super('smspartner');
    this.onOptOuts = () => answered([...this.listOf(this.asking)]);
    this.onAddOptOut = phoneNumber => {
      const isThere = this.numbers(this.asking).includes(phoneNumber);
      return answered(isThere ? null : this.stop(this.asking, phoneNumber));
    };
    this.onRemoveOptOut = id => {
      const list = this.listOf(this.asking);
      const left = list.filter(listed => listed.id !== id);
      this.lists.set(this.asking, left);
      return answered(left.length < list.length);
    };
  }

  /** Somebody says STOP to the account with this key; answers the id. */
  stop(key: string, phoneNumber: string): string {
    this.lastId += 1;
    this.lists.set(key, [...this.listOf(key), { id: String(this.lastId), phoneNumber }]);
    return String(this.lastId);
  }

  clear(key: string): void {
    this.lists.delete(key);
  }

  numbers(key: string): string[] {
    return this.listOf(key).map(({ phoneNumber }) => phoneNumber);
  }

  /** The keys of the accounts whose lists were asked for, in order. */
  get asked(): string[] {
    return this.questions
      .filter(({ question }) => question === 'optOuts')
      .map(({ credential }) => credential?.apiKey ?? PLATFORM_KEY);
  }

  /** What was changed on lists, and with whose key. */
  get changes(): (readonly [question: string, about: unknown, key: string])[] {
    return this.questions
      .filter(({ question }) => question === 'addOptOut' || question === 'removeOptOut')
      .map(({ question, about, credential }) => [question, about, credential?.apiKey ?? PLATFORM_KEY]);
  }

  override optOuts(credential: ProviderCredential | null): Promise<Answer<readonly ProviderOptOut[]>> {
    this.asking = credential?.apiKey ?? PLATFORM_KEY;
    return super.optOuts(credential);
  }

  override addOptOut(phoneNumber: string, credential: ProviderCredential | null): Promise<Answer<string | null>> {
    this.asking = credential?.apiKey ?? PLATFORM_KEY;
    return super.addOptOut(phoneNumber, credential);
  }

  override removeOptOut(id: string, credential: ProviderCredential | null): Promise<Answer<boolean>> {
    this.asking = credential?.apiKey ?? PLATFORM_KEY;
    return super.removeOptOut(id, credential);
  }

  private listOf(key: string): readonly ProviderOptOut[] {
    return this.lists.get(key) ?? [];
  }
}

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';

/** Runs on SMS Partner with a key of the platform; any number of processes open what one of them seals. */
export const appWithStopLists = (provider: StopLists, { env, ...options }: AppOptions = {}): Promise<TestApp> =>
  appAt(TUESDAY, {
    provider,
    ...options,
    env: {
      SMS_PROVIDER: 'smspartner',
      SMSPARTNER_API_KEY: PLATFORM_KEY,
      MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      ...env,
    },
  });

export const sync = (app: TestApp): Promise<void> => app.nest.get(SyncOptOuts).execute();

/** The next one that is due. */
export async function nextSync(app: TestApp): Promise<void> {
  app.clock.advance({ minutes: 10 });
  await sync(app);
}

export const setCredential = (app: TestApp, { id }: TestTenant, apiKey: string): Promise<unknown> =>
  app.admin.run(
    'mutation ($id: ID!, $apiKey: String!) { setProviderCredential(tenantId: $id, provider: "smspartner", apiKey: $apiKey) { id } }',
    { id, apiKey },
  );

export const stop = (gql: GraphqlClient, phoneNumber: string): Promise<unknown> =>
  gql.run('mutation ($n: PhoneNumber!) { addOptOut(phoneNumber: $n) { phoneNumber } }', { n: phoneNumber });

export async function lift(gql: GraphqlClient, phoneNumber: string): Promise<boolean> {
  const document = 'mutation ($n: PhoneNumber!) { removeOptOut(phoneNumber: $n) }';
  return (await gql.run<{ removeOptOut: boolean }>(document, { n: phoneNumber })).removeOptOut;
}

interface ShownOptOut {
  readonly phoneNumber: string;
  readonly source: string;
}

/** What the tenant sees of its opt-outs, newest first. */
export async function shown(gql: GraphqlClient): Promise<readonly ShownOptOut[]> {
  const document = '{ optOuts { nodes { phoneNumber source } } }';
  return (await gql.run<{ optOuts: { nodes: ShownOptOut[] } }>(document)).optOuts.nodes;
}

export const numbersShown = async (gql: GraphqlClient): Promise<string[]> =>
  (await shown(gql)).map(({ phoneNumber }) => phoneNumber).toSorted();

/** The id of each opt-out on the list of the account, by number. */
export async function stopIdsOf(app: TestApp, tenantId: string): Promise<Record<string, string | null>> {
  const rows = await app.sql<{ phone_number: string; provider_stop_id: string | null }>(
    'select phone_number, provider_stop_id from opt_outs where tenant_id = $1',
    [tenantId],
  );
  return Object.fromEntries(rows.map(row => [row.phone_number, row.provider_stop_id]));
}

/** What is still to be deleted at the provider. */
export const removalsOf = (app: TestApp, tenantId: string): Promise<Record<string, unknown>[]> =>
  app.sql('select phone_number, provider_stop_id from opt_out_removals where tenant_id = $1', [tenantId]);

export const fatesOf = async (gql: GraphqlClient, messageId: string): Promise<Record<string, string>> =>
  Object.fromEntries((await deliveriesOf(gql, messageId)).map(delivery => [delivery.phoneNumber, delivery.status]));
