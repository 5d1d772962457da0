import { createHash } from 'node:crypto';
import { SystemClock } from '../../src/kernel/clock.js';
import { RandomIds } from '../../src/kernel/ids.js';
import { phoneOf, receiptSecretOf } from '../data/numbers.js';
import type { FloorTransaction } from './floors.js';

const ids = new RandomIds(new SystemClock());

const ATTEMPT = 'select tenant_id, id, message_id from attempts where secret_hash = $1';
const RECEIPT = `insert into receipts (tenant_id, id, attempt_id, raw, state, message_id, delivery_id, status, received_at)
  select $1, $2, $3, $4, 'APPLIED', message_id, id, 'delivered', $6 from deliveries where tenant_id = $1 and phone_number = $5`;
const DELIVERY = `update deliveries set status = 'DELIVERED', updated_at = $3
  where tenant_id = $1 and phone_number = $2 and status = 'SENT'`;
const SUBMISSION = `update submissions set sent = sent - 1, delivered = delivered + 1, due_at = null where tenant_id = $1 and message_id = $2`;
const MESSAGE = `update messages set status = 'COMPLETED', version = version + 1 where tenant_id = $1 and id = $2`;

interface Attempt {
  readonly tenant_id: string;
  readonly id: string;
  readonly message_id: string;
}

/** A receipt stored and applied: its row, its delivery, the submission's counts, the message's status. */
export const applyReceipt: FloorTransaction = async (client, index) => {
  const hash = createHash('sha256').update(receiptSecretOf(index)).digest();
  const phoneNumber = phoneOf(index);
  const now = new Date();
  const raw = JSON.stringify({ status: 'delivered', msgId: String(index), phone: phoneNumber, cost: '0.045' });
  await client.query('begin');
  const found = await client.query<Attempt>({ name: 'attempt', text: ATTEMPT, values: [hash] });
  const attempt = found.rows[0];
  if (attempt === undefined) throw new Error('the floor has no attempt for a receipt');
  const { tenant_id: tenantId, id: attemptId, message_id: messageId } = attempt;
  const receipt = [tenantId, ids.uuid(), attemptId, raw, phoneNumber, now];
  await client.query({ name: 'receipt', text: RECEIPT, values: receipt });
  await client.query({ name: 'delivery', text: DELIVERY, values: [tenantId, phoneNumber, now] });
  await client.query({ name: 'submission', text: SUBMISSION, values: [tenantId, messageId] });
  await client.query({ name: 'message', text: MESSAGE, values: [tenantId, messageId] });
  await client.query('commit');
};
