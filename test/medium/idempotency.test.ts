import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { booksOf, ledgerOf, rowsOf } from '../support/ledger.js';
import { accepted, acceptedFor, balanceOf, cancel, schedule, send } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const TOMORROW = '2026-01-07T09:00:00Z';

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await appAt('2026-01-06T09:00:00Z');
});
beforeEach(async () => {
  app.clock.set('2026-01-06T09:00:00Z');
  tenant = await app.tenant({ credit: '10.0000' });
});
afterAll(() => app.close());

const CONFLICT = { __typename: 'IdempotencyConflict', code: 'IDEMPOTENCY_CONFLICT' };

describe('a key used again with the same input', () => {
  test('answers the first message and sends nothing more', async () => {
    const first = await accepted(tenant.gql, { idempotencyKey: 'order-1' });
    await app.tick();
    const again = await accepted(tenant.gql, { idempotencyKey: 'order-1' });
    expect(again).toMatchObject({ id: first.id, number: first.number, status: 'SENT' });
    expect(await balanceOf(tenant.gql)).toBe('9.9550');
    expect(await rowsOf(app, tenant.id, ['messages', 'deliveries'])).toEqual({ messages: 1, deliveries: 1 });
  });

  test('answers the first message even when its time has passed meanwhile', async () => {
    const first = await acceptedFor(tenant.gql, TOMORROW, { idempotencyKey: 'order-1' });
    app.clock.set('2026-01-08T09:00:00Z');
    expect((await acceptedFor(tenant.gql, TOMORROW, { idempotencyKey: 'order-1' })).id).toBe(first.id);
  });

  test('reads an instant as an instant, however it is written', async () => {
    const first = await acceptedFor(tenant.gql, TOMORROW, { idempotencyKey: 'order-1' });
    const again = await acceptedFor(tenant.gql, '2026-01-07T10:00:00+01:00', { idempotencyKey: 'order-1' });
    expect(again.id).toBe(first.id);
  });

  test('answers the first message after it was cancelled, and after the credit ran out', async () => {
    const first = await acceptedFor(tenant.gql, TOMORROW, { idempotencyKey: 'order-1' });
    await cancel(tenant.gql, first.id);
    await accepted(tenant.gql, { to: Array.from({ length: 222 }, (_, n) => `+336${String(10_000_000 + n)}`) });
    const again = await acceptedFor(tenant.gql, TOMORROW, { idempotencyKey: 'order-1' });
    expect(again).toMatchObject({ id: first.id, status: 'CANCELLED' });
  });

  test("answers the first message after the tenant's defaults have changed", async () => {
    const first = await accepted(tenant.gql, { idempotencyKey: 'order-1' });
    await app.admin.run(
      'mutation ($id: ID!) { updateTenant(id: $id, input: { defaultCategory: TRANSACTIONAL, defaultSender: "BOUTIQUE" }) { id } }',
      { id: tenant.id },
    );
    expect((await accepted(tenant.gql, { idempotencyKey: 'order-1' })).id).toBe(first.id);
  });

  test('takes null for "not given", and the order of the fields for nothing', async () => {
    const first = await accepted(tenant.gql, { sender: 'BOUTIQUE', tag: 'a', idempotencyKey: 'order-1' });
    const again = {
      idempotencyKey: 'order-1',
      category: null,
      tag: 'a',
      sender: 'BOUTIQUE',
      route: null,
      unicode: null,
    };
    expect((await accepted(tenant.gql, again)).id).toBe(first.id);
  });
});

describe('a key used many times at once', () => {
  test('20 duplicates make one message and one reservation, and all get its id', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => accepted(tenant.gql, { idempotencyKey: 'k' })));
    expect(new Set(answers.map(message => message.id)).size).toBe(1);
    expect((await ledgerOf(app, tenant.id)).map(entry => entry.kind)).toEqual(['CREDIT', 'RESERVATION']);
    expect(await rowsOf(app, tenant.id, ['messages', 'submissions', 'deliveries', 'idempotency_records'])).toEqual({
      messages: 1,
      submissions: 1,
      deliveries: 1,
      idempotency_records: 1,
    });
    await app.tick();
    expect(app.simulator.accepted.at(-1)?.sms.recipients).toEqual(['+33612345678']);
  });

  test('20 different texts under one key: one is accepted, the others conflict', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => send(tenant.gql, { idempotencyKey: 'k', text: `Bonjour ${n}` })),
    );
    expect(answers.filter(answer => answer.__typename === 'Message')).toHaveLength(1);
    expect(answers.filter(answer => answer.__typename === 'IdempotencyConflict')).toHaveLength(19);
    expect(await booksOf(app, tenant.id)).toMatchObject({ balance: '9.9550', ledger: '9.9550' });
  });

  test('duplicates that the credit does not cover are all refused', async () => {
    const poor = await app.tenant({ credit: '0.0100' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(poor.gql, { idempotencyKey: 'k' })));
    expect(new Set(answers.map(answer => answer.__typename))).toEqual(new Set(['InsufficientCredit']));
    expect(await rowsOf(app, poor.id, ['idempotency_records'])).toEqual({ idempotency_records: 0 });
  });
});

describe('a key used for something else', () => {
  test.for([
    [{ text: 'Bonsoir' }],
    [{ to: ['+33612345679'] }],
    [{ to: ['+33612345678', '+33612345679'] }],
    [{ category: 'TRANSACTIONAL' }],
    [{ sender: 'BOUTIQUE' }],
    [{ route: 'ECO', text: 'Bonjour' }],
    [{ tag: 'a' }],
    [{ sandbox: true }],
    [{ validitySeconds: 3_600 }],
  ])('%j is a conflict', async ([change]) => {
    await accepted(tenant.gql, { idempotencyKey: 'k' });
    expect(await send(tenant.gql, { idempotencyKey: 'k', ...change })).toMatchObject(CONFLICT);
    expect(await balanceOf(tenant.gql)).toBe('9.9550');
  });

  test('another operation is a conflict, and so is another time', async () => {
    await accepted(tenant.gql, { idempotencyKey: 'k' });
    expect(await schedule(tenant.gql, TOMORROW, { idempotencyKey: 'k' })).toMatchObject(CONFLICT);
    await acceptedFor(tenant.gql, TOMORROW, { idempotencyKey: 'l' });
    expect(await send(tenant.gql, { idempotencyKey: 'l' })).toMatchObject(CONFLICT);
    expect(await schedule(tenant.gql, '2026-01-07T09:00:01Z', { idempotencyKey: 'l' })).toMatchObject(CONFLICT);
  });
});

describe('a key that was refused', () => {
  test('is free again: it may be used for what was meant', async () => {
    const poor = await app.tenant({ credit: '0.0100' });
    expect((await send(poor.gql, { idempotencyKey: 'k' })).__typename).toBe('InsufficientCredit');
    expect((await send(poor.gql, { idempotencyKey: 'k', text: '' })).__typename).toBe('InvalidSms');
    expect((await send(poor.gql, { idempotencyKey: 'k', receiptUrl: 'ftp://a.example' })).__typename).toBe(
      'InvalidSms',
    );
    await app.admin.run(
      'mutation ($id: ID!) { creditTenant(id: $id, amount: "1", reason: "x", idempotencyKey: "x") { id } }',
      { id: poor.id },
    );
    const message = await accepted(poor.gql, { idempotencyKey: 'k', text: 'Bonsoir' });
    expect((await accepted(poor.gql, { idempotencyKey: 'k', text: 'Bonsoir' })).id).toBe(message.id);
  });
});

describe('keys of tenants', () => {
  test("another tenant's key is another key", async () => {
    const other = await app.tenant();
    const [mine, theirs] = [
      await accepted(tenant.gql, { idempotencyKey: 'k' }),
      await accepted(other.gql, { idempotencyKey: 'k', text: 'Bonsoir' }),
    ];
    expect(mine.id).not.toBe(theirs.id);
    expect((await accepted(tenant.gql, { idempotencyKey: 'k' })).id).toBe(mine.id);
  });

  test('two API keys of a tenant share it', async () => {
    const first = await accepted(tenant.gql, { idempotencyKey: 'k' });
    expect((await accepted(await app.key(tenant.id, ['SEND', 'READ']), { idempotencyKey: 'k' })).id).toBe(first.id);
  });
});
