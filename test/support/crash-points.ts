import { randomBytes, randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { CrashPointName } from '../../src/kernel/crash-points.js';
import { BuiltRelais, emptyFolder, type Ended } from './built-relais.js';
import { createDatabase, query, type TestDatabase } from './database.js';
import { GraphqlClient } from './graphql-client.js';
import { post, receipt } from './receipts.js';
import { ACCEPTED, answerJson, type RecordedRequest, SmsPartnerStub } from './smspartner-stub.js';

export interface BookedSms {
  readonly id: number;
  readonly tag: string;
  readonly phoneNumber: string;
  readonly receiptUrl: string;
}

/** As a rule the answer to the call has been recorded by then. */
const RECEIPT_AFTER_MS = 300;
const DELIVERED = { status: 'Delivered', stopSMS: 0, date: '1771941463' } as const;

/** SMS Partner's side of the wire, with a book that outlives whoever called. It posts each receipt once, heard or not. */
export class ProviderBook {
  readonly booked: BookedSms[] = [];
  /** Answers no questions. */
  mute = false;
  /** What it does with the next call after booking it, in place of answering. */
  insteadOfAnswering: (() => void) | null = null;
  private lastId = 1_223_000;

  private constructor(private readonly stub: SmsPartnerStub) {}

  static async open(): Promise<ProviderBook> {
    const stub = await SmsPartnerStub.start();
    const book = new ProviderBook(stub);
    stub.reaction = (response, request) => {
      const asked = stub.requests.at(-1);
      if (asked === undefined) throw new Error('nothing was asked');
      const answer = book.answer(asked);
      if (answer !== null) answerJson('code' in answer && answer['code'] === 4 ? 400 : 200, answer)(response, request);
    };
    return book;
  }

  get baseUrl(): string {
    return this.stub.baseUrl;
  }

  /** How many SMS it sent to each number. */
  get sentTo(): Readonly<Record<string, number>> {
    const byNumber = Map.groupBy(this.booked, sms => sms.phoneNumber);
    return Object.fromEntries([...byNumber].map(([phoneNumber, sent]) => [phoneNumber, sent.length]));
  }

  close(): Promise<void> {
    return this.stub.close();
  }

  private answer({ path, body }: RecordedRequest): Readonly<Record<string, unknown>> | null {
    const { pathname, searchParams } = new URL(path, this.baseUrl);
    if (pathname === '/v1/send') return this.book(body, String(body['phoneNumbers']).split(','));
    if (pathname === '/v1/bulk-send') return this.book(body, numbersIn(body['SMSList']));
    if (this.mute) return {};
    if (pathname === '/v1/bulk-status-by-tag') return this.underTag(searchParams.get('tag') ?? '');
    if (pathname === '/v1/multi-status') return statusesOf(this.booked);
    if (pathname === '/v1/stop-sms/list') return { success: true, code: 200, nbData: 0, data: [] };
    throw new Error(`an unexpected question: ${pathname}`);
  }

  private book(
    body: RecordedRequest['body'],
    phoneNumbers: readonly string[],
  ): Readonly<Record<string, unknown>> | null {
    this.lastId += 1;
    const id = this.lastId;
    const receiptUrl = String(body['urlDlr']);
    for (const phoneNumber of phoneNumbers) {
      const sms = { id, phoneNumber, receiptUrl, tag: String(body['tag']) };
      this.booked.push(sms);
      void this.postReceipt(sms);
    }
    const instead = this.insteadOfAnswering;
    this.insteadOfAnswering = null;
    instead?.();
    return instead === null ? { ...ACCEPTED, message_id: id } : null;
  }

  private async postReceipt({ receiptUrl, phoneNumber, id, tag }: BookedSms): Promise<void> {
    await setTimeout(RECEIPT_AFTER_MS);
    await post(receiptUrl, receipt(phoneNumber, 'delivered', { msgId: String(id), tag })).catch(() => undefined);
  }

  private underTag(tag: string): Readonly<Record<string, unknown>> {
    const found = this.booked.filter(sms => sms.tag === tag);
    if (found.length === 0) return { success: false, code: 4, message: 'Message introuvable' };
    return { ...statusesOf(found), currentPage: 1, total: found.length };
  }
}

const numbersIn = (list: unknown): string[] =>
  (Array.isArray(list) ? list : []).map((entry: { readonly phoneNumber: string }) => entry.phoneNumber);

const statusesOf = (sms: readonly BookedSms[]): Readonly<Record<string, unknown>> => ({
  success: true,
  code: 200,
  StatutResponse_List: sms.map(({ phoneNumber, id }) => ({ success: true, phoneNumber, messageId: id, ...DELIVERED })),
});

type Environment = Readonly<Record<string, string>>;

/** One database and one address over the lives of several processes, and a tenant with 10 EUR. */
export class Lives {
  tenant = new GraphqlClient('', null);
  private relais: BuiltRelais | null = null;

  private constructor(
    readonly database: TestDatabase,
    private readonly folder: Awaited<ReturnType<typeof emptyFolder>>,
    private readonly address: string,
    private readonly env: Environment,
  ) {}

  static async prepare(book: ProviderBook): Promise<Lives> {
    const port = await keptPort();
    const address = `http://127.0.0.1:${port}`;
    const database = await createDatabase();
    return new Lives(database, await emptyFolder(), address, {
      PORT: String(port),
      PUBLIC_URL: address,
      DATABASE_URL: database.ownerUrl,
      DATABASE_POOL_SIZE: '5',
      MASTER_KEY: randomBytes(32).toString('base64'),
      ADMIN_API_KEY: `rk_${randomBytes(32).toString('base64url')}`,
      WEBHOOK_ALLOW: '127.0.0.0/8',
      SMS_PROVIDER: 'smspartner',
      SMSPARTNER_BASE_URL: book.baseUrl,
      SMSPARTNER_API_KEY: 'platform-key',
      DOUBT_GRACE_SECONDS: '1',
    });
  }

  async begin(crashAt: CrashPointName | 'never'): Promise<void> {
    this.relais = BuiltRelais.run(this.folder.path, { ...this.env, RELAIS_CRASH_AT: crashAt });
    await this.relais.up();
  }

  /** A customer, once the first life has begun. */
  async createTenant(): Promise<void> {
    const admin = new GraphqlClient(this.address, this.env['ADMIN_API_KEY'] ?? '');
    await admin.run('mutation ($input: SetPriceInput!) { setPrice(input: $input) { amount } }', {
      input: { route: 'PREMIUM', prefix: '33', amount: '0.0600' },
    });
    const { createTenant } = await admin.run<{ createTenant: { id: string } }>(
      'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { id } }',
      { input: { name: 'Customer', transactionalAllowed: true } },
    );
    const { id } = createTenant;
    await admin.run(
      'mutation ($id: ID!) { creditTenant(id: $id, amount: "10.0000", reason: "test", idempotencyKey: "test") { id } }',
      { id },
    );
    const { issueApiKey } = await admin.run<{ issueApiKey: { secret: string } }>(
      'mutation ($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret } }',
      { input: { tenantId: id, name: 'test', scopes: ['SEND', 'READ', 'MANAGE'] } },
    );
    this.tenant = new GraphqlClient(this.address, issueApiKey.secret);
  }

  kill(): void {
    this.relais?.signal('SIGKILL');
  }

  async ended(): Promise<Ended> {
    if (this.relais === null) throw new Error('no process was started');
    return this.relais.ended;
  }

  /** What went wrong by the living one's own account. */
  get errors(): readonly string[] {
    return (this.relais?.log ?? []).filter(line => /^\{"level":"?(?:error|fatal|50|60)\b/.test(line));
  }

  /** SQL behind the scenes, as the owner. */
  sql<T extends Record<string, unknown>>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    return query<T>(this.database.ownerUrl, sql, parameters);
  }

  async remove(): Promise<void> {
    await this.relais?.stop();
    await this.database.drop();
    await this.folder.remove();
  }
}

/** Free, and not one that the system gives away by itself while no life of ours holds it. */
async function keptPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const probe = createServer();
    const free = await new Promise<boolean>(resolve => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
