import { SystemClock } from '../../src/kernel/clock.js';
import { RandomIds } from '../../src/kernel/ids.js';
import { phoneOf } from '../data/numbers.js';
import type { FloorTransaction } from './floors.js';

const ids = new RandomIds(new SystemClock());

const MESSAGE = `insert into messages (tenant_id, number, id, status, category, route, text, bare_text, sent_text, append_stop, unicode,
    encoding, parts, sandbox, recipient_count, cost, currency, validity_seconds, created_at)
  values ($1, nextval('message_numbers') * 4, $2, 'QUEUED', 'TRANSACTIONAL', 'PREMIUM', $3, $3, $3, false, false, 'GSM7', 1, false, 1,
    0.0450, 'EUR', 172800, $4)`;
const SUBMISSION = `insert into submissions (tenant_id, category, wait_since, sandbox, attempts, message_id, id, territory, state, expires_at,
    due_at, waiting) values ($1, 'TRANSACTIONAL', $4, false, 0, $2, $3, 'METROPOLE', 'QUEUED', $4::timestamptz + interval '2 days', $4, 1)`;
const DELIVERY = `insert into deliveries (tenant_id, updated_at, message_id, id, submission_id, phone_number, territory, status, cost, charge)
  values ($1, $6, $2, $3, $4, $5, 'METROPOLE', 'WAITING', 0.0450, 'RESERVED')`;
const EVENT = `insert into timeline_events (tenant_id, message_id, id, at, kind, detail) values ($1, $2, $3, $4, 'accepted', '1 recipient')`;
const MONEY = `with moved as (
    update balances set amount = amount - 0.0450, entries = entries + 1 where tenant_id = $1 and amount >= 0.0450 returning amount, entries)
  insert into ledger_entries (tenant_id, id, kind, amount, balance_after, message_id, created_at, place)
  select $1, $3, 'RESERVATION', -0.0450, amount, $2, $4, entries from moved`;

/** One recipient accepted. The balance last: its lock, which a tenant's transactions share, is held as short as can be. */
export const acceptOne: FloorTransaction = async (client, index, { tenantIds }) => {
  const tenantId = tenantIds[index % tenantIds.length] ?? '';
  const [message, submission, delivery, event, entry] = [ids.uuid(), ids.uuid(), ids.uuid(), ids.uuid(), ids.uuid()];
  const now = new Date();
  const run = async (name: string, text: string, values: unknown[]): Promise<void> => {
    await client.query({ name, text, values });
  };
  await client.query('begin');
  await run('message', MESSAGE, [tenantId, message, `Votre code : ${index}`, now]);
  await run('submission', SUBMISSION, [tenantId, message, submission, now]);
  await run('delivery', DELIVERY, [tenantId, message, delivery, submission, phoneOf(index), now]);
  await run('event', EVENT, [tenantId, message, event, now]);
  await run('money', MONEY, [tenantId, message, entry, now]);
  await client.query('commit');
};
