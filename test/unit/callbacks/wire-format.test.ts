import { describe, expect, test } from 'vitest';
import { receiptBody, replyBody } from '../../../src/callbacks/outgoing/wire-format.js';
import { asTenantId } from '../../../src/kernel/index.js';
import type { DeliveryStatus, Message } from '../../../src/messaging/index.js';

const ID = '0198a1b2-0000-7000-8000-000000000001';
const AT = new Date('2026-02-24T14:04:23.999Z');
const MESSAGE: Message = {
  tenantId: asTenantId(ID),
  id: ID,
  number: 95_415_616,
  batchId: null,
  batchNumber: null,
  status: 'SENT',
  category: 'COMMERCIAL',
  route: 'PREMIUM',
  sender: null,
  text: 'Bonjour',
  bareText: 'Bonjour',
  sentText: null,
  appendStop: false,
  unicode: false,
  encoding: 'GSM7',
  parts: 1,
  tag: null,
  sandbox: false,
  recipientCount: 1,
  cost: '0.0490',
  currency: 'EUR',
  scheduledFor: null,
  validitySeconds: 3_600,
  receiptUrl: 'https://www.example.com/dlr',
  replyUrl: null,
  createdAt: AT,
  version: 0,
};
const DELIVERY = { id: ID, phoneNumber: '+33612345678', errorCode: null, cost: '0.0490' };

const body = (status: DeliveryStatus, changes: Partial<Message> = {}, cost = DELIVERY.cost): string | null =>
  receiptBody({ ...MESSAGE, ...changes }, AT, { ...DELIVERY, cost, status });

describe('a receipt, as SMS Partner posts it', () => {
  test('has these keys in this order, and strings where they have strings', () => {
    expect(body('DELIVERED')).toBe(
      '{"status":"delivered","msgId":"95415616","date":1771941863,"phone":"+33612345678","cost":"0.049","currency":"EUR"}',
    );
  });

  test('ends with the tag where the send had one', () => {
    expect(body('DELIVERED', { tag: 'it’s "x"' })).toBe(
      '{"status":"delivered","msgId":"95415616","date":1771941863,"phone":"+33612345678","cost":"0.049","currency":"EUR","tag":"it’s \\"x\\""}',
    );
  });

  test('names the batch where the message is one of a batch', () => {
    expect(JSON.parse(body('DELIVERED', { batchId: ID, batchNumber: 1_111_111 }) ?? '')).toMatchObject({
      msgId: '1111111',
    });
  });

  test.each([
    ['DELIVERED', 'delivered'],
    ['UNDELIVERED', 'not delivered'],
    ['EXPIRED', 'not delivered'],
    ['REFUSED', 'ko'],
    ['OPTED_OUT', 'ko'],
  ] as const)('%s is "%s"', (status, word) => {
    expect(JSON.parse(body(status) ?? '')).toMatchObject({ status: word });
  });

  test.each(['WAITING', 'SENT', 'CANCELLED', 'UNCONFIRMED'] as const)('%s is not told', status => {
    expect(body(status)).toBeNull();
  });

  test('is not told of a recipient whose number is erased', () => {
    expect(receiptBody(MESSAGE, AT, { ...DELIVERY, phoneNumber: null, status: 'DELIVERED' })).toBeNull();
  });

  test.each([
    ['0.0450', '0.045'],
    ['0.0381', '0.0381'],
    ['1.0000', '1.0'],
    ['0.0000', '0.0'],
    ['10.1000', '10.1'],
    ['100', '100'],
  ])('a cost of %s is "%s"', (cost, told) => {
    expect(JSON.parse(body('DELIVERED', {}, cost) ?? '')).toMatchObject({ cost: told });
  });
});

describe('a reply, as SMS Partner posts it', () => {
  test.each(['response', 'stop'] as const)('of type %s has its message_id as a number', kind => {
    const reply = { kind, phoneNumber: '+33612345678', text: 'test' };
    expect(replyBody({ ...MESSAGE, number: 1_111_111 }, reply)).toBe(
      `{"type":"${kind}","phone_number":"+33612345678","text":"test","message_id":1111111}`,
    );
  });

  test('without text has an empty one', () => {
    const told = JSON.parse(replyBody(MESSAGE, { kind: 'stop', phoneNumber: '+33612345678', text: null }));
    expect(told).toMatchObject({ text: '' });
  });
});
