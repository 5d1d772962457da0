import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { booksOf } from '../support/ledger.js';
import { cancel, send } from '../support/messages.js';
import { appAt, type TestApp } from '../support/test-app.js';

let app: TestApp;
beforeAll(async () => {
  app = await appAt('2026-01-06T09:00:00Z');
});
afterAll(() => app.close());

/** What the simulator does with a number: deliver, refuse, lose, doubt, … (its last four digits). */
const recipient = fc.constantFrom('5678', '0001', '0002', '0003', '0004', '0005', '0006', '0007', '0008', '0009');
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      to: fc.uniqueArray(recipient, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat({ max: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), digits: recipient }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('credit' as const),
      amount: fc.constantFrom('0.1000', '0.0450', '-0.0450', '-0.2000', '-5.0000'),
      // Few, so that the same credit comes twice, at once or later, and sometimes with another amount.
      key: fc.nat({ max: 5 }),
    }),
  },
);
/** Several steps at the same moment, then the clock moves. */
const moment = fc.record({
  together: fc.array(step, { minLength: 1, maxLength: 6 }),
  minutes: fc.constantFrom(0, 0, 1, 10, 90, 700),
});

const CREDIT = `mutation ($id: ID!, $amount: Decimal!, $key: String!) {
  creditTenant(id: $id, amount: $amount, reason: "r", idempotencyKey: $key) { id } }`;

/** Entries whose balance is not the one before plus their amount, or whose key credited twice. */
const brokenSteps = (tenantId: string): Promise<unknown[]> =>
  app.sql(
    `select place from (
       select place, balance_after, amount, coalesce(lag(balance_after) over w, 0) as before, coalesce(lag(place) over w, 0) as previous
         from ledger_entries where tenant_id = $1 window w as (order by place)) steps
      where balance_after <> before + amount or place <> previous + 1
     union all
     select count(*) from ledger_entries where tenant_id = $1 group by idempotency_key having idempotency_key is not null and count(*) > 1`,
    [tenantId],
  );

test('whatever is sent, cancelled, refused, settled, doubted, stopped and credited at once, the books agree and nothing falls below zero', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(moment, { minLength: 3, maxLength: 7 }), async moments => {
      const { id, gql } = await app.tenant({ credit: '0.5000' });
      const sent: string[] = [];
      for (const { together, minutes } of moments) {
        await Promise.all(
          together.map(async act => {
            switch (act.do) {
              case 'send': {
                const result = await send(gql, {
                  to: act.to.map(digits => `+3361234${digits}`),
                  validitySeconds: 3_600,
                });
                if (result.__typename === 'Message') sent.push(result.id);
                return;
              }
              case 'cancel': {
                const message = sent[act.which % Math.max(1, sent.length)];
                if (message !== undefined) await cancel(gql, message);
                return;
              }
              case 'stop':
                await gql.run('mutation ($n: PhoneNumber!) { addOptOut(phoneNumber: $n) { source } }', {
                  n: `+3361234${act.digits}`,
                });
                return;
              case 'credit':
                await app.admin.ask(CREDIT, { id, amount: act.amount, key: `k${act.key}` });
                return;
              case 'tick':
                await app.tick();
            }
          }),
        );
        const books = await booksOf(app, id);
        expect(books).toMatchObject({ misjudged: 0, overdrawn: 0, ledger: books.balance, due: books.balance });
        expect(Number(books.balance)).toBeGreaterThanOrEqual(0);
        expect(await brokenSteps(id)).toEqual([]);
        app.clock.advance({ minutes });
      }
      await app.tick();
      const books = await booksOf(app, id);
      expect(books).toMatchObject({ misjudged: 0, overdrawn: 0, ledger: books.balance, due: books.balance });
    }),
    { numRuns: 25, seed: 20_260_105, endOnFailure: true },
  );
});
