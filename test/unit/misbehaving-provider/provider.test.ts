import { createServer, type Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_RATES, type Fault } from '../../../src/misbehaving-provider/faults.js';
import { MisbehavingProvider } from '../../../src/misbehaving-provider/provider.js';
import { listenOnLoopback } from '../../support/smspartner-stub.js';

const NOW = new Date('2026-11-23T10:00:00Z');
const PATIENCE_MS = 300;

let provider: MisbehavingProvider;
let url: string;
let listener: Server;
let receiptUrl: string;
/** What was posted to `receiptUrl`. */
let posted: Record<string, unknown>[];

beforeEach(async () => {
  posted = [];
  listener = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => posted.push(JSON.parse(text)));
    request.on('end', () => response.end());
  });
  receiptUrl = `http://127.0.0.1:${await listenOnLoopback(listener)}/dlr?secret=1`;
  const settings = { port: 0, host: '127.0.0.1', seed: 7, apiKey: 'key', slowMs: 150, receiptDelayMs: 20 };
  provider = new MisbehavingProvider({ ...settings, rates: DEFAULT_RATES }, () => NOW);
  url = `http://127.0.0.1:${await provider.listen()}`;
  await faults({ '*': 0 });
});

afterEach(async () => {
  await provider.close();
  listener.closeAllConnections();
  listener.close();
});

interface Booked {
  readonly phoneNumber: string;
  readonly [field: string]: unknown;
}

interface Body {
  readonly success?: unknown;
  readonly code?: number;
  readonly message_id?: unknown;
  readonly stopId?: number;
  readonly SMSResponse_List?: readonly { readonly phoneNumber: string }[];
  readonly sms?: readonly Booked[];
}

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Null: no JSON. */
  readonly body: Body | null;
}

async function ask(path: string, fields: object | null = null): Promise<Told> {
  const init = fields === null ? {} : { method: 'POST', body: JSON.stringify(fields) };
  const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): Body | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Insists that the provider takes them. */
async function faults(rates: Partial<Record<Fault | '*', number>>): Promise<void> {
  expect(await ask('/faults', rates)).toMatchObject({ status: 200 });
}

const SMS = { apiKey: 'key', phoneNumbers: '+33612345678', message: 'Bonjour', tag: 'tag1' };
const send = (fields: object = {}): Promise<Told> => ask('/v1/send', { ...SMS, urlDlr: receiptUrl, ...fields });
const LIST = [
  { phoneNumber: '+33612345678', message: 'un' },
  { phoneNumber: '0612345679', message: 'deux' },
];
const sendBulk = (): Promise<Told> => ask('/v1/bulk-send', { apiKey: 'key', SMSList: LIST, tag: 'tag2' });

const booked = async (): Promise<readonly Booked[]> => (await ask('/book')).body?.sms ?? [];

/** How thirty calls in a row are answered. */
async function met(): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let count = 0; count < 30; count += 1) statuses.push((await send()).status);
  return statuses;
}

async function receipts(count: number): Promise<unknown[]> {
  for (let waited = 0; posted.length < count && waited < 2_000; waited += 10) await setTimeout(10);
  // One too many would come by now.
  await setTimeout(60);
  return posted.map(({ status }) => status);
}

describe('well behaved', () => {
  test('it accepts, books, answers as SMS Partner does, and posts a receipt', async () => {
    const { status, text, body } = await send({ phoneNumbers: '+33612345678, 06 12 34 56 79' });
    expect(status).toBe(200);
    const id = body?.message_id;
    expect(text).toBe(`{"success":true,"code":200,"message_id":${String(id)},"nb_sms":2,"cost":0.09,"currency":"EUR"}`);
    expect(await receipts(2)).toEqual(['delivered', 'delivered']);
    const date = NOW.getTime() / 1_000;
    const phone = '+33612345678';
    const receipt = {
      status: 'delivered',
      msgId: String(id),
      date,
      phone,
      cost: '0.045',
      currency: 'EUR',
      tag: 'tag1',
    };
    expect(posted).toContainEqual(receipt);
    const sms = { messageId: id, call: 'send', tag: 'tag1', text: 'Bonjour', answered: 'accepted' };
    expect(await booked()).toEqual([
      expect.objectContaining({ ...sms, phoneNumber: phone, bookedAt: NOW.toISOString(), receipts: ['delivered'] }),
      expect.objectContaining({ ...sms, phoneNumber: '+33612345679' }),
    ]);
  });

  test('a bulk call has a text and an entry for each', async () => {
    expect((await sendBulk()).body).toEqual({
      success: true,
      code: 200,
      message_id: expect.any(Number),
      currency: 'EUR',
      cost: 0.09,
      nbSMS: 2,
      SMSResponse_List: [
        { success: true, code: 200, nbSms: 1, cost: 0.045, phoneNumber: '+33612345678' },
        { success: true, code: 200, nbSms: 1, cost: 0.045, phoneNumber: '+33612345679' },
      ],
    });
    expect(await booked()).toMatchObject([{ text: 'un' }, { text: 'deux', phoneNumber: '+33612345679' }]);
  });

  test('it answers questions from its book', async () => {
    const messageId = (await send()).body?.message_id;
    await receipts(1);
    expect((await ask('/v1/bulk-status-by-tag?apiKey=key&tag=tag1&page=1')).body).toMatchObject({
      success: true,
      currentPage: 1,
      total: 1,
      StatutResponse_List: [{ phoneNumber: '+33612345678', status: 'Delivered' }],
    });
    expect((await ask('/v1/bulk-status-by-tag?apiKey=key&tag=other&page=1')).body).toMatchObject({ code: 4 });
    const asked = [
      { phoneNumber: '+33612345678', messageId },
      { phoneNumber: '+33612345679', messageId },
    ];
    expect((await ask('/v1/multi-status', { apiKey: 'key', SMSStatut_List: asked })).body).toMatchObject({
      StatutResponse_List: [
        { success: true, phoneNumber: '+33612345678', status: 'Delivered' },
        { success: false, code: 4, phoneNumber: '+33612345679', status: 'Numéro introuvable' },
      ],
    });
    expect((await ask(`/v1/message-cancel?apiKey=key&messageId=${String(messageId)}`)).body).toMatchObject({ code: 7 });
    expect((await ask('/v1/message-cancel?apiKey=key&messageId=1')).body).toMatchObject({ code: 4 });
    expect((await ask('/v1/me?apiKey=key')).body).toMatchObject({ credits: { balance: '10225.119' } });
  });

  test('its STOP list takes a number once, and lets go of it', async () => {
    const number = { apiKey: 'key', phoneNumber: '0612345678' };
    const stopId = (await ask('/v1/stop-sms/add', number)).body?.stopId;
    expect((await ask('/v1/stop-sms/add', number)).body).toMatchObject({ success: false, code: 15 });
    expect((await ask('/v1/stop-sms/list?apiKey=key')).body).toEqual({
      success: true,
      code: 200,
      nbData: 1,
      data: [{ id: stopId, phoneNumber: '+33612345678', createdAt: '2026-11-23 10:00:00' }],
    });
    expect((await ask(`/v1/stop-sms/delete?apiKey=key&id=${String(stopId)}`)).body).toEqual({
      success: true,
      code: 200,
    });
    expect((await ask('/v1/stop-sms/list?apiKey=key')).body).toMatchObject({ nbData: 0, data: [] });
  });

  test.each([
    ['no key', 1, { apiKey: null }],
    ['another key', 10, { apiKey: 'other' }],
    ['no number', 2, { phoneNumbers: ' , ' }],
    ['no text', 9, { message: '' }],
    ['too many numbers', 50, { phoneNumbers: Array.from({ length: 501 }, () => '0612345678').join(',') }],
  ])('what is wrong with a call is told in its codes: %s', async (_, code, fields) => {
    expect(await send(fields)).toMatchObject({ status: 400, body: { success: false, code } });
    expect(await booked()).toEqual([]);
  });
});

describe('misbehaving', () => {
  test.each<[Fault, number]>([
    ['accept-then-time-out', 1],
    ['time-out', 0],
    ['accept-then-reset', 1],
    ['reset', 0],
  ])('%s: no answer comes, and the book has %i SMS', async (fault, count) => {
    await faults({ [fault]: 1 });
    const ending = fault.endsWith('time-out') ? { name: 'TimeoutError' } : { message: 'fetch failed' };
    await expect(send()).rejects.toMatchObject(ending);
    expect(await booked()).toMatchObject(Array.from({ length: count }, () => ({ answered: fault })));
    expect(await booked()).toHaveLength(count);
  });

  test.each<[Fault, number]>([
    ['accept-then-5xx', 1],
    ['5xx', 0],
    ['accept-then-html', 1],
    ['html', 0],
  ])('%s: the answer says nothing, and the book has %i SMS', async (fault, count) => {
    await faults({ [fault]: 1 });
    const { status, body, headers } = await send();
    if (fault.endsWith('html')) expect([body, headers.get('content-type')]).toEqual([null, 'text/html; charset=UTF-8']);
    else expect(status).toBeGreaterThanOrEqual(500);
    expect(await booked()).toHaveLength(count);
  });

  test('429: nothing is booked, and Retry-After says when to come back', async () => {
    await faults({ '429': 1 });
    const { status, headers } = await send();
    expect([status, Number(headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    expect(await booked()).toEqual([]);
  });

  test('odd-types: booked, and told in no documented way', async () => {
    await faults({ 'odd-types': 1 });
    for (let count = 1; count <= 8; count += 1) {
      const { body } = await send();
      expect(body?.success === true && typeof body.message_id === 'number').toBe(false);
      expect(await booked()).toHaveLength(count);
    }
  });

  test('slow: booked late, and answered even later', async () => {
    await faults({ slow: 1 });
    const answer = send();
    await setTimeout(30);
    expect(await booked()).toEqual([]);
    expect((await answer).body).toMatchObject({ success: true });
    expect(await booked()).toHaveLength(1);
  });

  test('refuse: a single call names the number and is not booked; of a bulk call the others are', async () => {
    await faults({ refuse: 1 });
    const errors = [{ success: false, code: '13', phoneNumber: '+33612345678' }];
    expect(await send()).toMatchObject({ status: 400, body: { success: false, code: 55, errors } });
    expect(await booked()).toEqual([]);
    const entries = (await sendBulk()).body?.SMSResponse_List ?? [];
    expect(entries).toMatchObject([{ success: true }, { success: false, code: 13 }]);
    expect((await booked()).map(({ phoneNumber }) => phoneNumber)).toEqual([entries[0]?.phoneNumber]);
  });

  test('unmentioned: a bulk answer leaves out a number that is booked', async () => {
    await faults({ unmentioned: 1 });
    expect((await sendBulk()).body).toMatchObject({ nbSMS: 2, SMSResponse_List: [{ phoneNumber: '+33612345679' }] });
    expect(await booked()).toHaveLength(2);
  });

  test.each<[Fault, readonly string[]]>([
    ['missing-receipt', []],
    ['double-receipt', ['delivered', 'delivered']],
    ['reordered-receipts', ['delivered', 'waiting']],
    ['not-delivered', ['not delivered']],
  ])('%s', async (fault, statuses) => {
    await faults({ [fault]: 1 });
    await send();
    expect(await receipts(statuses.length)).toEqual(statuses);
    const status = fault === 'not-delivered' ? 'Not delivered' : 'Delivered';
    expect(await booked()).toMatchObject([{ status, receipts: statuses }]);
  });

  test('early-receipt: it comes before the answer to the call', async () => {
    await faults({ 'early-receipt': 1 });
    await send();
    expect(posted).toMatchObject([{ status: 'delivered' }]);
    expect(await receipts(1)).toHaveLength(1);
  });

  test.each<Fault>(['lookup-5xx', 'lookup-html', 'lookup-429', 'lookup-time-out'])(
    '%s: a question gets no answer, and never a false one',
    async fault => {
      await send();
      await faults({ [fault]: 1 });
      const answer = await ask('/v1/bulk-status-by-tag?apiKey=key&tag=tag1&page=1').catch(() => null);
      expect(answer?.body?.success ?? false).toBe(false);
      expect(answer?.body?.code).not.toBe(4);
      await faults({ '*': 0 });
      expect((await ask('/v1/bulk-status-by-tag?apiKey=key&tag=tag1&page=1')).body).toMatchObject({ total: 1 });
    },
  );

  test('the same seed and the same calls meet the same faults', async () => {
    const rates = { 'accept-then-5xx': 0.3, '5xx': 0.3, '429': 0.3 };
    await faults({ '*': 0, ...rates });
    const first = await met();
    await provider.close();
    const settings = { port: 0, host: '127.0.0.1', seed: 7, apiKey: null, slowMs: 150, receiptDelayMs: 20 };
    provider = new MisbehavingProvider({ ...settings, rates: DEFAULT_RATES }, () => NOW);
    url = `http://127.0.0.1:${await provider.listen()}`;
    await faults({ '*': 0, ...rates });
    expect(await met()).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(2);
  });

  test.each([
    ['an unknown fault', { sulk: 0.1 }],
    ['more than always', { '5xx': 1.1 }],
    ['more than one in all', { '5xx': 0.6, html: 0.6 }],
  ])('%s is no rate, and nothing changes', async (_, rates) => {
    expect(await ask('/faults', rates)).toMatchObject({ status: 400, body: { problem: expect.any(String) } });
    expect((await ask('/faults')).body).toMatchObject({ '5xx': 0, html: 0 });
  });
});
