import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GraphqlAnswer } from '../support/graphql-client.js';
import { refusedBatch } from '../support/batches.js';
import { booksOf, ledgerOf, rowsOf } from '../support/ledger.js';
import { accepted, acceptedFor, balanceOf, cancel, deliveriesOf, look, send } from '../support/messages.js';
import { appAt, type TestApp } from '../support/test-app.js';

// Tuesday, 10:00 in Paris: the window is open. A part costs 0.0450.
const OPEN = '2026-01-06T09:00:00Z';
const TOMORROW = '2026-01-07T09:00:00Z';

let app: TestApp;
beforeAll(async () => {
  app = await appAt(OPEN);
});
afterAll(() => app.close());

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('the last credit', () => {
  test('50 sends racing for it: as many are accepted as it covers, and the others leave nothing behind', async () => {
    const { id, gql } = await app.tenant({ credit: '0.4700' });
    const results = await Promise.all(many(50, index => send(gql, { idempotencyKey: `race-${index}` })));
    const kinds = results.map(result => result.__typename).toSorted();
    expect(kinds).toEqual([...many(40, () => 'InsufficientCredit'), ...many(10, () => 'Message')]);
    expect(await booksOf(app, id)).toEqual({
      balance: '0.0200',
      ledger: '0.0200',
      due: '0.0200',
      misjudged: 0,
      overdrawn: 0,
    });
    const tables = ['messages', 'submissions', 'deliveries', 'idempotency_records'];
    expect(await rowsOf(app, id, tables)).toEqual(Object.fromEntries(tables.map(table => [table, 10])));
    expect((await rowsOf(app, id, ['ledger_entries', 'timeline_events']))['ledger_entries']).toBe(11);
    for (const result of results.filter(({ __typename }) => __typename === 'InsufficientCredit'))
      expect(result).toMatchObject({ required: '0.0450', currency: 'EUR' });
  });

  test('what it does not cover again is refused before anything is written: public numbers are not used up by it', async () => {
    const { gql } = await app.tenant({ credit: '0.0100' });
    const used = (): Promise<Record<string, unknown>[]> =>
      app.sql(`select last_value::text as numbers, pg_relation_size('deliveries')::text as size from message_numbers`);
    const texts = many(300, index => ({ to: `+336${String(10_000_000 + index)}`, text: 'Bonjour' }));
    expect(await send(gql, { to: texts.map(({ to }) => to) })).toMatchObject({ __typename: 'InsufficientCredit' });
    const before = await used();
    for (let time = 0; time < 3; time += 1) {
      expect(await send(gql, { to: texts.map(({ to }) => to) })).toMatchObject({ __typename: 'InsufficientCredit' });
    }
    expect(await used()).toEqual(before);
    expect((await refusedBatch(gql, { messages: texts })).code).toBe('INSUFFICIENT_CREDIT');
    // The batch's own.
    const numbers = String(Number(before[0]?.['numbers']) + 1);
    expect(await used()).toEqual([{ ...before[0], numbers }]);
  });

  test('a message that it covers in part only is refused whole', async () => {
    const { id, gql } = await app.tenant({ credit: '0.0899' });
    const result = await send(gql, { to: ['+33612345678', '+33612345679'] });
    expect(result).toMatchObject({ __typename: 'InsufficientCredit', required: '0.0900', balance: '0.0899' });
    expect(await rowsOf(app, id, ['messages', 'deliveries'])).toEqual({ messages: 0, deliveries: 0 });
  });

  test('a sandbox message touches none of it', async () => {
    const { id, gql } = await app.tenant({ credit: '0.0100' });
    const message = await accepted(gql, { sandbox: true, to: ['+33612340001', '+33612345678'] });
    await app.tick();
    expect((await look(gql, message.id)).cost).toBe('0.0900');
    expect((await ledgerOf(app, id)).map(entry => entry.kind)).toEqual(['CREDIT']);
  });
});

interface Credited {
  readonly creditTenant: { readonly id: string; readonly amount: string; readonly balanceAfter: string };
}
const credit = (
  id: string,
  amount: string,
  idempotencyKey: string,
  reason = 'top-up',
): Promise<GraphqlAnswer<Credited>> =>
  app.admin.ask<Credited>(
    `mutation ($id: ID!, $amount: Decimal!, $reason: String!, $idempotencyKey: String!) {
       creditTenant(id: $id, amount: $amount, reason: $reason, idempotencyKey: $idempotencyKey) { id amount balanceAfter } }`,
    { id, amount, reason, idempotencyKey },
  );

describe('creditTenant', () => {
  test('with the same key twice credits once and answers the same entry', async () => {
    const { id, gql } = await app.tenant({ credit: '0' });
    const first = await credit(id, '5', 'invoice-1');
    const again = await credit(id, '5.00', 'invoice-1');
    expect(first.data?.creditTenant).toMatchObject({ amount: '5.0000', balanceAfter: '5.0000' });
    expect(again.data).toEqual(first.data);
    expect(await balanceOf(gql)).toBe('5.0000');
  });

  test('20 times at once with the same key credits once', async () => {
    const { id, gql } = await app.tenant({ credit: '0' });
    const answers = await Promise.all(many(20, () => credit(id, '5', 'invoice-1')));
    expect(new Set(answers.map(answer => answer.data?.creditTenant.id)).size).toBe(1);
    expect(await balanceOf(gql)).toBe('5.0000');
  });

  test('with the same key and another amount or reason is a conflict and changes nothing', async () => {
    const { id, gql } = await app.tenant({ credit: '0' });
    await credit(id, '5', 'invoice-1');
    for (const answer of [await credit(id, '6', 'invoice-1'), await credit(id, '5', 'invoice-1', 'another reason')]) {
      expect(answer.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'IDEMPOTENCY_CONFLICT' });
    }
    expect(await balanceOf(gql)).toBe('5.0000');
  });

  test("another tenant's key is another key", async () => {
    const [a, b] = [await app.tenant({ credit: '0' }), await app.tenant({ credit: '0' })];
    await credit(a.id, '5', 'invoice-1');
    await credit(b.id, '7', 'invoice-1');
    expect([await balanceOf(a.gql), await balanceOf(b.gql)]).toEqual(['5.0000', '7.0000']);
  });

  test('a negative adjustment takes back down to zero and never below', async () => {
    const { id, gql } = await app.tenant({ credit: '1.0000' });
    expect((await credit(id, '-1.0001', 'back-1')).errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      reason: 'BELOW_ZERO',
    });
    const answers = await Promise.all(many(8, index => credit(id, '-0.3', `back-2-${index}`)));
    expect(answers.filter(answer => answer.data !== null)).toHaveLength(3);
    expect(await balanceOf(gql)).toBe('0.1000');
    expect(await booksOf(app, id)).toMatchObject({ balance: '0.1000', ledger: '0.1000', overdrawn: 0 });
  });

  test('zero, a blank reason and a missing key are refused; a tenant that is not there is NOT_FOUND', async () => {
    const { id } = await app.tenant({ credit: '0' });
    const codes = [
      await credit(id, '0', 'k'),
      await credit(id, '1', ''),
      await credit(id, '1', 'k', ' '),
      await credit('0198a1b2-0000-7000-8000-000000000001', '1', 'k'),
    ].map(answer => answer.errors[0]?.extensions.code);
    expect(codes).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT', 'NOT_FOUND']);
  });

  test('more than an account can hold is refused, not answered as our fault', async () => {
    const { id, gql } = await app.tenant({ credit: '999999999.9999' });
    expect((await credit(id, '0.0001', 'k')).errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(await balanceOf(gql)).toBe('999999999.9999');
  });

  test('is audited with who did it', async () => {
    const { id } = await app.tenant({ credit: '0' });
    await credit(id, '5', 'invoice-1');
    const [entry] = await app.sql<{ actor_key_id: string; detail: unknown }>(
      `select actor_key_id, detail from audit_entries where tenant_id = $1 and action = 'tenant.credited'`,
      [id],
    );
    const { viewer } = await app.admin.run<{ viewer: { apiKey: { id: string } } }>('{ viewer { apiKey { id } } }');
    expect(entry).toEqual({ actor_key_id: viewer.apiKey.id, detail: { amount: '5.0000', reason: 'top-up' } });
  });
});

describe('what did not go is paid back once', () => {
  test('20 cancels at once: one cancels, the others are too late, and one refund is paid', async () => {
    const { id, gql } = await app.tenant({ credit: '1.0000' });
    const message = await acceptedFor(gql, TOMORROW, { to: ['+33612345678', '+33612345679'] });
    expect(await balanceOf(gql)).toBe('0.9100');
    const results = await Promise.all(many(20, () => cancel(gql, message.id)));
    expect(results.filter(result => result.__typename === 'Message')).toHaveLength(1);
    expect(results.filter(result => result.__typename === 'TooLate')).toHaveLength(19);
    const refunds = (await ledgerOf(app, id)).filter(entry => entry.kind === 'REFUND');
    expect(refunds).toMatchObject([
      { amount: '0.0900', balance_after: '1.0000', message_id: message.id, reason: 'CANCELLED' },
    ]);
    expect((await look(gql, message.id)).cost).toBe('0.0000');
    expect((await deliveriesOf(gql, message.id)).map(delivery => delivery.cost)).toEqual(['0.0000', '0.0000']);
  });

  test('cancels racing with the departure: either it goes and is paid for, or it is paid back', async () => {
    const { id, gql } = await app.tenant({ credit: '5.0000' });
    const messages = await Promise.all(many(15, () => accepted(gql)));
    const already = app.simulator.accepted.length;
    const [results] = await Promise.all([
      Promise.all(messages.map(message => cancel(gql, message.id))),
      app.tick(),
      app.tick(),
    ]);
    const cancelled = results.filter(result => result.__typename === 'Message').length;
    await app.tick();
    const went = app.simulator.accepted.length - already;
    expect(went + cancelled).toBe(15);
    const books = await booksOf(app, id);
    expect(books).toMatchObject({ misjudged: 0, overdrawn: 0, ledger: books.balance, due: books.balance });
    expect((await ledgerOf(app, id)).filter(entry => entry.kind === 'REFUND')).toHaveLength(cancelled);
  });

  test('a recipient whom the provider refuses is paid back, the others are charged', async () => {
    const { id, gql } = await app.tenant({ credit: '1.0000' });
    const message = await accepted(gql, { to: ['+33612340001', '+33612345678', '+33612345679'] });
    for (let time = 0; time < 3; time += 1) {
      await app.tick();
      app.clock.advance({ seconds: 2 });
    }
    expect(await cancel(gql, message.id)).toMatchObject({ __typename: 'TooLate' });
    expect((await ledgerOf(app, id)).map(({ kind, amount }) => [kind, amount])).toEqual([
      ['CREDIT', '1.0000'],
      ['RESERVATION', '-0.1350'],
      ['REFUND', '0.0450'],
    ]);
    const done = await look(gql, message.id);
    expect(done).toMatchObject({ status: 'COMPLETED', cost: '0.0900', counts: { refused: 1, delivered: 2 } });
  });

  test('undelivered is charged, since the operator was paid', async () => {
    const { id, gql } = await app.tenant({ credit: '1.0000' });
    const message = await accepted(gql, { to: ['+33612340002'] });
    await app.tick();
    app.clock.advance({ seconds: 2 });
    await app.tick();
    expect((await look(gql, message.id)).counts).toMatchObject({ undelivered: 1 });
    expect((await booksOf(app, id)).balance).toBe('0.9550');
  });

  test('what cannot leave within its validity is paid back', async () => {
    const { id, gql } = await app.tenant({ credit: '1.0000' });
    const message = await accepted(gql, { to: ['+33612340005'], category: 'TRANSACTIONAL', validitySeconds: 60 });
    await app.tick();
    app.clock.advance({ minutes: 2 });
    await app.tick();
    expect((await look(gql, message.id)).status).toBe('FAILED');
    expect((await ledgerOf(app, id)).at(-1)).toMatchObject({
      kind: 'REFUND',
      amount: '0.0450',
      balance_after: '1.0000',
    });
  });
});
