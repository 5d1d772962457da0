import { expect } from 'vitest';
import { canMove, type DeliveryStatus } from '../../../src/messaging/delivery-status.js';
import type { SubmissionState } from '../../../src/messaging/submission-state.js';
import { expectCounted } from '../counts.js';
import { booksOf } from '../ledger.js';
import type { MessageView } from '../messages.js';
import type { DeliveryWorld } from './world.js';

/** A delivery with the part of the message that it belongs to. */
interface Row extends Record<string, unknown> {
  readonly messageId: string;
  readonly text: string;
  readonly phoneNumber: string;
  readonly status: DeliveryStatus;
  readonly charge: string;
  readonly submissionId: string;
  readonly state: SubmissionState;
  readonly dueAt: Date | null;
  readonly waitDetail: string | null;
}

type Seen = Pick<MessageView, 'id' | 'status' | 'counts' | 'waiting'>;

const ROWS = `select d.message_id as "messageId", m.text, d.phone_number as "phoneNumber", d.status, d.charge,
    s.id as "submissionId", s.state, s.due_at as "dueAt", s.wait_detail as "waitDetail"
  from deliveries d join submissions s on s.tenant_id = d.tenant_id and s.id = d.submission_id
  join messages m on m.tenant_id = d.tenant_id and m.id = d.message_id where d.tenant_id = $1 order by d.message_id, d.id`;

const SEEN = `{ messages(first: 200) { nodes { id status waiting { kind recipients since nextCheckAt explanation }
  counts { waiting sent delivered undelivered expired refused optedOut cancelled unconfirmed } } } }`;

/** What must hold after every command, whatever was done. */
export async function expectPromisesKept({ app, model, tenant }: DeliveryWorld): Promise<void> {
  const rows = await app.sql<Row>(ROWS, [tenant.id]);
  for (const row of rows) model.observed(row, row.status);
  expect(model.broken).toEqual([]);
  await expectMovesAlongTheTable(app);
  await expectCounted(app);
  const books = await booksOf(app, tenant.id);
  expect(books).toMatchObject({ misjudged: 0, overdrawn: 0, ledger: books.balance, due: books.balance });
  for (const row of rows) expect([row.status, row.charge]).toEqual([row.status, chargeOf(row)]);
  const { messages } = await tenant.gql.run<{ messages: { nodes: readonly Seen[] } }>(SEEN);
  const byMessage = Map.groupBy(rows, row => row.messageId);
  expect(messages.nodes).toHaveLength(byMessage.size);
  for (const message of messages.nodes) expectToldAsItIs(message, byMessage.get(message.id) ?? [], model.suspended);
}

async function expectMovesAlongTheTable(app: DeliveryWorld['app']): Promise<void> {
  const moves = await app.sql<{ before: DeliveryStatus; after: DeliveryStatus }>(
    'select before, after from moves_seen',
  );
  const forbidden = moves.filter(({ before, after }) => !canMove(before, after));
  expect(forbidden, 'moves that the table does not know').toEqual([]);
}

function chargeOf({ status, charge }: Row): string {
  switch (status) {
    case 'WAITING':
    case 'UNCONFIRMED':
      return 'RESERVED';
    case 'SENT':
    case 'DELIVERED':
    case 'UNDELIVERED':
    case 'EXPIRED':
      return 'CHARGED';
    case 'OPTED_OUT':
      // Known at acceptance, it never cost anything.
      return charge === 'NONE' ? 'NONE' : 'RETURNED';
    case 'REFUSED':
    case 'CANCELLED':
      return 'RETURNED';
  }
}

function expectToldAsItIs(message: Seen, rows: readonly Row[], suspended: boolean): void {
  const told = `message ${rows[0]?.text}`;
  expect(message.status, told).toBe(statusOf(rows));
  expect(message.counts, told).toEqual(countsOf(rows));
  const terminal = ['COMPLETED', 'CANCELLED', 'FAILED'].includes(message.status);
  expect(message.waiting.length > 0, `${told} is ${message.status}; whether it says why it waits`).toBe(!terminal);
  for (const reason of message.waiting) {
    if (reason.kind === 'TENANT_SUSPENDED') expect(suspended, told).toBe(true);
    else if (reason.nextCheckAt === null) expect(reason, told).toMatchObject(FOR_AN_ADMINISTRATOR);
    expect(reason.recipients, told).toBeGreaterThan(0);
  }
}

/** The provider denied it twice, and the tenant wants nothing sent again by itself. */
const FOR_AN_ADMINISTRATOR = { kind: 'DOUBT', explanation: expect.stringContaining('an administrator decides') };

const IN_ORDER = ['UNCONFIRMED', 'SENDING', 'QUEUED', 'HELD', 'SCHEDULED'] as const;

/** As the contract says (MessageStatus). */
function statusOf(rows: readonly Row[]): string {
  const states = new Set(rows.map(({ state }) => state));
  const open = IN_ORDER.find(state => states.has(state));
  if (open !== undefined) return open;
  const fates = new Set(rows.map(({ status }) => status));
  if (fates.has('SENT')) return 'SENT';
  if (fates.has('DELIVERED') || fates.has('UNDELIVERED') || fates.has('EXPIRED')) return 'COMPLETED';
  return fates.has('CANCELLED') && !fates.has('REFUSED') ? 'CANCELLED' : 'FAILED';
}

const COUNTED = {
  waiting: 'WAITING',
  sent: 'SENT',
  delivered: 'DELIVERED',
  undelivered: 'UNDELIVERED',
  expired: 'EXPIRED',
  refused: 'REFUSED',
  optedOut: 'OPTED_OUT',
  cancelled: 'CANCELLED',
  unconfirmed: 'UNCONFIRMED',
} as const;

const countsOf = (rows: readonly Row[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(COUNTED).map(([name, status]) => [name, rows.filter(row => row.status === status).length]),
  );

/** What a worker should have done and did not: due, of an active tenant, on an account that is not blocked. */
export async function expectNothingOverdue({ app, model }: DeliveryWorld): Promise<void> {
  if (model.suspended) return;
  const overdue = await app.sql(
    `select s.state, s.due_at, m.text from submissions s join messages m on m.tenant_id = s.tenant_id and m.id = s.message_id
      where s.due_at <= $1 and (s.state <> 'QUEUED' or not exists (select 1 from provider_blocks))`,
    [app.clock.now()],
  );
  expect(overdue, 'due, and left lying').toEqual([]);
}

/** Once the provider takes everything and time goes by, all of it comes to an end; only what waits for an administrator stays. */
export async function expectAllToEnd(world: DeliveryWorld): Promise<void> {
  const { app } = world;
  const open = (): Promise<{ text: string; state: string; due_at: Date | null }[]> =>
    app.sql(
      `select m.text, s.state, s.due_at from submissions s join messages m on m.tenant_id = s.tenant_id and m.id = s.message_id
        where (s.state <> 'DONE' or s.sent > 0) and not (s.state = 'UNCONFIRMED' and s.due_at is null)`,
    );
  for (let halfDays = 0; halfDays < 24 && (await open()).length > 0; halfDays += 1) {
    app.clock.advance({ hours: 13 });
    await app.tick();
    world.model.ticked();
  }
  expect(await open(), 'never came to an end').toEqual([]);
}
