import fc from 'fast-check';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { GuardedSender } from '../../src/callbacks/outgoing/guarded-sender.js';
import {
  anyJsonBodies,
  type GeneratedRequest,
  hostileObjects,
  nearlyValid,
  queries,
  rawBodies,
  strangePaths,
} from '../support/generated-requests.js';
import { booksOf } from '../support/ledger.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';
import { childrenOf, type Node, readXml, textOf } from '../unit/smspartner-api/xml-reader.js';

/** A failure names the path to its counterexample below this seed. */
const SEED = 20_260_113;
const AT_ONCE = 8;
vi.setConfig({ maxConcurrency: AT_ONCE });

/** What the vendor documents, and Relais's own 404 and 405. */
const CODES = new Set([
  1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15, 20, 22, 23, 30, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 55, 90,
  96, 200, 404, 405, 992,
]);
const STATUSES = new Set([200, 400, 404, 405, 413]);
const ELEMENTS = new Set(['result', 'entry', 'username', 'firstname', 'lastname']);

let app: TestApp;
let pool: Pool;
let rich: Sender;
let poor: Sender;
let requests = 0;

beforeAll(async () => {
  // A Tuesday, 11:00 in Paris.
  app = await appAt('2026-01-13T10:00:00Z');
  pool = new Pool(app.url, { connections: AT_ONCE, pipelining: 1 });
  rich = new Sender(await app.tenant({ credit: '100000.0000' }));
  poor = new Sender(await app.tenant({ credit: '1.0000' }));
  // What was accepted names addresses of the outside world, which no test may reach.
  Object.assign(app.nest.get(GuardedSender), {
    post: () => Promise.resolve({ kind: 'answered', status: 200, retryAfterMs: null }),
  });
});
afterAll(async () => {
  await pool.close();
  await app.close();
});

interface Told {
  readonly status: number;
  readonly success: boolean;
  readonly code: number;
  /** Of a success. */
  readonly messageId: number;
  /** Of a success of bulk-send. */
  readonly entries: number;
}

/** A tenant, and what it was told of what it asked. */
class Sender {
  /** message_id of every SMS that /v1/send said it took. */
  readonly messages = new Set<number>();
  /** Of what /v1/bulk-send took, with how many texts. */
  readonly batches = new Map<number, number>();

  constructor(readonly tenant: TestTenant) {}

  async ask(request: GeneratedRequest): Promise<void> {
    const { statusCode, headers, body } = await pool.request({ ...request });
    requests += 1;
    const text = await body.text();
    expect(STATUSES, `${statusCode} ${text}`).toContain(statusCode);
    expect(text).not.toContain(this.tenant.key);
    const type = String(headers['content-type']);
    const told = { status: statusCode, ...(type === 'application/json' ? readJson(text) : readXmlAnswer(type, text)) };
    expect(CODES, text).toContain(told.code);
    expect([told.success, told.code === 200], text).toEqual([statusCode === 200, statusCode === 200]);
    if (told.success) this.note(request.path, told);
  }

  private note(path: string, { messageId, entries }: Told): void {
    if (path.startsWith('/v1/send')) this.messages.add(messageId);
    if (path.startsWith('/v1/bulk-send')) this.batches.set(messageId, entries);
  }
}

const FAULT = expect.objectContaining({ elementId: expect.any(String), message: expect.any(String) });
const NUMBER_FAULT = {
  success: false,
  code: expect.any(String),
  message: expect.any(String),
  phoneNumber: expect.any(String),
};
const REFUSALS: readonly unknown[] = [
  { success: false, code: expect.any(Number), message: expect.any(String) },
  { success: false, code: 9, errors: expect.any(Array) },
  { success: false, code: 9, error: expect.any(Array) },
  { success: false, code: 55, errors: expect.any(Array) },
];

/** The bare words of an answer in JSON, whose shape must be one of those documented. */
function readJson(text: string): Omit<Told, 'status'> {
  // As PHP's json_encode: all else is escaped.
  expect(text).toMatch(/^[\x20-\x7e]*$/);
  expect(text).toMatch(/^\{"success":(?:true|false),"code":\d+[,}]/);
  const answer: Record<string, unknown> = JSON.parse(text);
  const { success, code, message_id: messageId, SMSResponse_List: entries } = answer;
  if (success === false) {
    expect(REFUSALS).toContainEqual(answer);
    const faults = answer['errors'] ?? answer['error'] ?? [];
    for (const fault of Array.isArray(faults) ? faults : []) expect(fault).toEqual(code === 55 ? NUMBER_FAULT : FAULT);
  }
  return {
    success: success === true,
    code: Number(code),
    messageId: Number(messageId),
    entries: Array.isArray(entries) ? entries.length : 0,
  };
}

/** The same of an answer in XML, which must be well-formed and of the vendor's elements alone. */
function readXmlAnswer(type: string, text: string): Omit<Told, 'status'> {
  expect(type, text).toBe('text/xml; charset=UTF-8');
  const root = readXml(text);
  for (const name of namesIn(root)) expect(ELEMENTS).toContain(name);
  const [success, code, third, , , , list] = childrenOf(root);
  expect(['true', 'false']).toContain(textOf(success));
  return {
    success: textOf(success) === 'true',
    code: Number(textOf(code)),
    messageId: Number(childrenOf(third)[0]),
    entries: childrenOf(list).length,
  };
}

const namesIn = (node: Node): readonly string[] =>
  typeof node === 'string' ? [] : [node.name, ...node.children.flatMap(namesIn)];

describe.concurrent('gets an answer in the documented shape:', () => {
  const LANES: readonly [string, number, (key: string) => fc.Arbitrary<GeneratedRequest>][] = [
    ['any bytes', 500, rawBodies],
    ['any JSON', 500, anyJsonBodies],
    ['any values under the real names', 900, hostileObjects],
    ['nearly a send', 800, key => nearlyValid('/v1/send', key)],
    ['nearly a bulk-send', 700, key => nearlyValid('/v1/bulk-send', key)],
    ['nearly a multi-status', 250, key => nearlyValid('/v1/multi-status', key)],
    ['nearly a STOP', 250, key => nearlyValid('/v1/stop-sms/add', key)],
    ['any query', 700, queries],
    ['any path and method', 400, strangePaths],
  ];
  test.each(LANES)('%s', async (_, numRuns, generated) => {
    const property = fc.asyncProperty(generated(rich.tenant.key), request => rich.ask(request));
    await expect(fc.assert(property, { seed: SEED, numRuns })).resolves.toBeUndefined();
  });

  test('nearly a send, where the credit runs out', async () => {
    const property = fc.asyncProperty(nearlyValid('/v1/send', poor.tenant.key), request => poor.ask(request));
    await fc.assert(property, { seed: SEED + 1, numRuns: 200 });
    expect(poor.messages.size).toBeGreaterThan(0);
  });
});

const COUNTS = [
  'waiting',
  'sent',
  'delivered',
  'undelivered',
  'expired',
  'refused',
  'opted_out',
  'cancelled',
  'unconfirmed',
];
const countOf = (count: string): string =>
  `select count(*) from deliveries d where d.tenant_id = $1 and d.submission_id = s.id and d.status = '${count.toUpperCase()}'`;

/** Rows that should not be, by what is wrong with them. */
const ORPHANS: Readonly<Record<string, string>> = {
  'messages whose recipients are not all there': `select id from messages m where tenant_id = $1 and (
      recipient_count <> (select count(*) from deliveries d where d.tenant_id = $1 and d.message_id = m.id) or
      recipient_count <> (select coalesce(sum(${COUNTS.join(' + ')}), 0) from submissions s where s.tenant_id = $1 and s.message_id = m.id))`,
  'submissions whose counts are not their deliveries': `select id from submissions s where tenant_id = $1 and (
      ${COUNTS.map(count => `${count} <> (${countOf(count)})`).join(' or ')})`,
  'deliveries of no submission of their message': `select id from deliveries d where tenant_id = $1 and not exists
      (select 1 from submissions s where s.tenant_id = $1 and s.id = d.submission_id and s.message_id = d.message_id)`,
  'batches whose messages are not all there': `select id from batches b where tenant_id = $1 and
      message_count <> (select count(*) from messages m where m.tenant_id = $1 and m.batch_id = b.id)`,
  'messages of no batch that is': `select id from messages m where tenant_id = $1 and batch_id is not null and
      not exists (select 1 from batches b where b.tenant_id = $1 and b.id = m.batch_id and b.number = m.batch_number)`,
  'ledger entries of no message': `select id from ledger_entries l where tenant_id = $1 and message_id is not null and
      not exists (select 1 from messages m where m.tenant_id = $1 and m.id = l.message_id)`,
  'events of no message': `select id from timeline_events e where tenant_id = $1 and
      not exists (select 1 from messages m where m.tenant_id = $1 and m.id = e.message_id)`,
  'remembered answers of nothing': `select key from idempotency_records i where tenant_id = $1 and
      not exists (select 1 from messages m where m.tenant_id = $1 and m.id = i.message_id) and
      not exists (select 1 from batches b where b.tenant_id = $1 and b.id = i.message_id)`,
};

async function expectWholeBooks({ tenant: { id } }: Sender): Promise<void> {
  for (const [what, sql] of Object.entries(ORPHANS)) expect(await app.sql(sql, [id]), what).toEqual([]);
  const books = await booksOf(app, id);
  // A sandbox message has a price that nobody pays.
  const unpaid = await app.sql('select id from messages where tenant_id = $1 and sandbox and cost > 0', [id]);
  expect(books).toMatchObject({
    ledger: books.balance,
    due: books.balance,
    misjudged: unpaid.length,
    overdrawn: 0,
  });
}

const ascending = (numbers: Iterable<number>): number[] => [...numbers].toSorted((a, b) => a - b);

describe('and then', () => {
  test('thousands were asked, and many of them were accepted', () => {
    expect(requests).toBeGreaterThanOrEqual(5_000);
    expect(rich.messages.size).toBeGreaterThan(100);
    expect(rich.batches.size).toBeGreaterThan(40);
  });

  test('all that was accepted is there in whole, and nothing else', async () => {
    for (const sender of [rich, poor]) {
      const { id } = sender.tenant;
      const single = await app.sql<{ number: string }>(
        'select number from messages where tenant_id = $1 and batch_id is null',
        [id],
      );
      expect(ascending(single.map(({ number }) => Number(number)))).toEqual(ascending(sender.messages));
      const batches = await app.sql<{ number: string; message_count: number }>(
        'select number, message_count from batches where tenant_id = $1',
        [id],
      );
      expect(new Map(batches.map(row => [Number(row.number), row.message_count]))).toEqual(sender.batches);
      await expectWholeBooks(sender);
    }
  });

  test('it can all leave', async () => {
    await app.tick();
    for (const sender of [rich, poor]) {
      await expectWholeBooks(sender);
      const left = `select id from submissions where tenant_id = $1 and state in ('QUEUED', 'SENDING')`;
      expect(await app.sql(left, [sender.tenant.id])).toEqual([]);
    }
  });
});
