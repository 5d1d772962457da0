import { setTimeout } from 'node:timers/promises';
import { request } from 'undici';
import type { Chance } from '../../../src/misbehaving-provider/chance.js';
import { type Customer, pairOf } from './customers.js';
import type { Pair, Told } from './judge.js';

const AT_ONCE = 6;
const PATIENCE_MS = 10_000;
const AGAIN_AFTER_MS = 150;
/** As long as a client may be left without an answer once all is well again. */
const GIVES_UP_MS = 60_000;

type Kind = 'sendSms' | 'send' | 'sendBatch' | 'scheduleSms';

interface Order {
  readonly kind: Kind;
  readonly customer: Customer;
  readonly pairs: readonly Pair[];
  readonly idempotencyKey: string;
  /** For scheduleSms. */
  readonly at: string;
}

/** One exchange: an answer that counts, or none. */
type Heard =
  | { readonly kind: 'accepted'; readonly id: string | null; readonly status: string | null }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'again'; readonly why: string };

export interface ClientTerms {
  readonly addresses: readonly string[];
  readonly customers: readonly Customer[];
  readonly chance: Chance;
  readonly now: () => Date;
}

/** Customers' applications: they ask again with the same key until they are told, and remember what they were told. */
export class Clients {
  readonly told: Told[] = [];
  /** Why they had to ask again, or were refused. */
  readonly counts = new Map<string, number>();
  private orders = 0;
  private recipients = 0;
  private stopping = false;
  private working: Promise<unknown> = Promise.resolve();

  constructor(private readonly terms: ClientTerms) {}

  start(): void {
    this.working = Promise.all(Array.from({ length: AT_ONCE }, () => this.work()));
  }

  /** Nothing new; settles when everybody was told what became of what he asked for. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.working;
  }

  private async work(): Promise<void> {
    while (!this.stopping) {
      await this.place(this.newOrder());
      await setTimeout(this.terms.chance.below(120));
    }
  }

  private newOrder(): Order {
    const { chance, customers, now } = this.terms;
    const customer = customers[chance.below(customers.length)];
    if (customer === undefined) throw new Error('no customers');
    const kinds = ['sendSms', 'send', 'sendSms', 'send', 'sendBatch', 'scheduleSms'] as const;
    const kind = kinds[chance.below(kinds.length)] ?? 'sendSms';
    const count = kind === 'sendBatch' ? 2 + chance.below(8) : 1 + chance.below(3);
    const first = pairOf(this.recipients);
    const pairs = Array.from({ length: count }, (_, index) => {
      const pair = pairOf(this.recipients + index);
      // One text for all, but for a batch.
      return kind === 'sendBatch' ? pair : { to: pair.to, text: first.text };
    });
    this.recipients += count;
    this.orders += 1;
    const at = new Date(now().getTime() + 15_000 + chance.below(90_000)).toISOString();
    return { kind, customer, pairs, at, idempotencyKey: `order-${this.orders}` };
  }

  private async place(order: Order): Promise<void> {
    const heard = await this.untilTold(address =>
      order.kind === 'send' ? sendOn(address, order) : mutate(address, order),
    );
    let verdict: Told['verdict'] = heard.kind === 'accepted' ? 'accepted' : 'refused';
    const changesMind = order.kind === 'scheduleSms' && this.terms.chance.fraction() < 0.6;
    if (heard.kind === 'accepted' && heard.id !== null && changesMind) {
      const { id } = heard;
      const cancelled = await this.untilTold(address => cancel(address, order.customer, id));
      if (cancelled.kind === 'accepted' && cancelled.status === 'CANCELLED') verdict = 'cancelled';
    }
    if (heard.kind === 'refused') this.count(`refused: ${order.kind} ${heard.code}`);
    this.told.push(...order.pairs.map(({ to, text }) => ({ to, text, tenant: order.customer.name, verdict })));
  }

  private async untilTold(ask: (address: string) => Promise<Heard>): Promise<Exclude<Heard, { kind: 'again' }>> {
    const { addresses, chance } = this.terms;
    const since = performance.now();
    while (performance.now() - since < GIVES_UP_MS) {
      const heard = await ask(addresses[chance.below(addresses.length)] ?? '').catch(brokenOff);
      if (heard.kind !== 'again') return heard;
      this.count(`asked again: ${heard.why}`);
      await setTimeout(AGAIN_AFTER_MS);
    }
    throw new Error('a client was never told what became of what it asked for');
  }

  private count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

function brokenOff(error: unknown): Heard {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return { kind: 'again', why: code };
}

const DOCUMENTS = {
  sendSms: document('sendSms', 'SendSmsInput', 'Message'),
  scheduleSms: document('scheduleSms', 'ScheduleSmsInput', 'Message'),
  sendBatch: document('sendBatch', 'SendBatchInput', 'Batch'),
} as const;

function document(mutation: string, input: string, type: string): string {
  return `mutation ($input: ${input}!) { result: ${mutation}(input: $input) { __typename ... on ${type} { id status } ... on Refusal { code } } }`;
}

const CANCEL = `mutation ($id: ID!) { result: cancelMessage(id: $id) { __typename ... on Message { id status } ... on TooLate { code status } } }`;

async function mutate(address: string, { kind, customer, pairs, idempotencyKey, at }: Order): Promise<Heard> {
  if (kind === 'send') throw new Error('not over GraphQL');
  const text = pairs[0]?.text ?? '';
  const what = kind === 'sendBatch' ? { messages: pairs } : { to: pairs.map(({ to }) => to), text };
  const input = { ...what, idempotencyKey, validitySeconds: 86_400, ...(kind === 'scheduleSms' && { at }) };
  return askGraphql(address, customer, { query: DOCUMENTS[kind], variables: { input } });
}

const cancel = (address: string, customer: Customer, id: string): Promise<Heard> =>
  askGraphql(address, customer, { query: CANCEL, variables: { id } });

interface GraphqlAnswer {
  readonly data?: {
    readonly result?: {
      readonly __typename: string;
      readonly id?: string;
      readonly status?: string;
      readonly code?: string;
    };
  } | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

async function askGraphql(address: string, { key }: Customer, question: object): Promise<Heard> {
  const { status, text } = await post(`${address}/graphql`, question, { authorization: `Bearer ${key}` });
  const answer: GraphqlAnswer = JSON.parse(text);
  const result = answer.data?.result;
  const code = answer.errors?.[0]?.extensions?.code;
  if (code !== undefined || result === undefined) return { kind: 'again', why: `GraphQL ${code ?? status}` };
  if (result.id === undefined) return { kind: 'refused', code: result.code ?? result.__typename };
  return { kind: 'accepted', id: result.id, status: result.status ?? null };
}

async function sendOn(address: string, { customer, pairs, idempotencyKey }: Order): Promise<Heard> {
  const sms = { phoneNumbers: pairs.map(({ to }) => to).join(','), message: pairs[0]?.text };
  const headers = { 'idempotency-key': idempotencyKey };
  const { status, text } = await post(`${address}/v1/send`, { apiKey: customer.key, ...sms }, headers);
  if (status >= 500) return { kind: 'again', why: `/v1/send HTTP ${status}` };
  const answer: { readonly success?: boolean; readonly code?: number } = JSON.parse(text);
  return answer.success === true
    ? { kind: 'accepted', id: null, status: null }
    : { kind: 'refused', code: String(answer.code) };
}

async function post(
  url: string,
  fields: object,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; text: string }> {
  const { statusCode: status, body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(fields),
    headersTimeout: PATIENCE_MS,
    bodyTimeout: PATIENCE_MS,
  });
  return { status, text: await body.text() };
}
