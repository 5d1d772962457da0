import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TenantStore } from '../../src/accounts/index.js';
import { Ids, Transactions } from '../../src/kernel/index.js';
import { AcceptMessages, type PlannedMessage } from '../../src/messaging/asking/accept-messages.js';
import type { MessagePlan, PlannedSubmission } from '../../src/messaging/asking/plan-message.js';
import { SmsPlanning } from '../../src/messaging/asking/sms-planning.js';
import { ProgressStore } from '../../src/messaging/progress.store.js';
import { rowsOf } from '../support/ledger.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 11:00 in Paris. */
const TUESDAY = '2026-01-13T10:00:00.000Z';
const LATER = new Date('2026-01-14T09:00:00.000Z');

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await appAt(TUESDAY);
  tenant = await app.tenant({ credit: '100000.0000' });
});
afterAll(() => app.close());

interface Part {
  readonly state: PlannedSubmission['departure']['state'];
  readonly optedOut: readonly boolean[];
}

const anyPart: fc.Arbitrary<Part> = fc.record({
  state: fc.constantFrom('QUEUED', 'HELD', 'SCHEDULED'),
  optedOut: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
});
/** Several messages at a time: one acceptance, as a batch is. */
const anyMessages = fc.array(fc.array(anyPart, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 });

const REQUEST = {
  sender: null,
  category: null,
  route: 'PREMIUM',
  tag: null,
  unicode: false,
  stopMention: true,
  sandbox: false,
  territory: null,
  receiptUrl: null,
  replyUrl: null,
  validitySeconds: null,
  idempotencyKey: null,
  at: null,
  to: ['+33612345678'],
  text: 'Bonjour',
} as const;

const submissionOf = ({ state, optedOut }: Part): PlannedSubmission => ({
  territory: 'METROPOLE',
  departure: { state, releaseAt: state === 'QUEUED' ? null : LATER, hold: null },
  deliveries: optedOut.map((out, index) => ({
    phoneNumber: `+3361234567${index}`,
    cost: out ? '0.0000' : '0.0450',
    optedOut: out,
  })),
});

/** The plan of a real request, with these parts in place of its own. */
const planOf = (plan: MessagePlan, parts: readonly Part[]): MessagePlan => {
  const submissions = parts.map(submissionOf);
  const going = parts.flatMap(({ optedOut }) => optedOut).filter(out => !out).length;
  return Object.assign({}, plan, { submissions, cost: ((going * 450) / 10_000).toFixed(4) });
};

/** Accepts them, and brings them into step as every later change does; what stands there before and after. */
async function acceptAndRefresh(messages: readonly (readonly Part[])[]) {
  const ids = app.nest.get(Ids);
  const planned = await app.nest.get(Transactions).run(tenant.id, async tx => {
    const found = await app.nest.get(TenantStore).find(tx, tenant.id);
    if (found === null) throw new Error('no tenant');
    const planning = app.nest.get(SmsPlanning);
    const context = planning.contextFor(found);
    const plan = await planning.plan(tx, REQUEST, context);
    const all = messages.map((parts): PlannedMessage => ({ id: ids.uuid(), plan: planOf(plan, parts) }));
    await app.nest
      .get(AcceptMessages)
      .execute(tx, { tenant: found, now: context.now, planned: all, credit: null, batch: null });
    return all.map(({ id }) => id);
  });
  const before = await stored(planned);
  await app.nest.get(Transactions).run(tenant.id, async tx => {
    const submissionIds = before.flatMap(({ submission_id }) => submission_id);
    await app.nest.get(ProgressStore).refresh(tx, tenant.id, planned, submissionIds);
  });
  return { before, after: await stored(planned) };
}

const stored = (messageIds: readonly string[]) =>
  app.sql<{ submission_id: string }>(
    `select m.id, m.status, s.id as submission_id, s.state, s.due_at, s.waiting, s.sent, s.delivered, s.undelivered, s.expired, s.refused,
            s.opted_out, s.cancelled, s.unconfirmed
       from messages m join submissions s on s.tenant_id = m.tenant_id and s.message_id = m.id where m.id = any($1) order by s.id`,
    [messageIds],
  );

test('what acceptance writes down of status and counts is what every later change derives', async () => {
  await fc.assert(
    fc.asyncProperty(anyMessages, async messages => {
      const { before, after } = await acceptAndRefresh(messages);
      expect(before).toHaveLength(messages.flat().length);
      expect(after).toEqual(before);
    }),
    { numRuns: 60 },
  );
  const { messages, submissions } = await rowsOf(app, tenant.id, ['messages', 'submissions']);
  expect(messages).toBeGreaterThan(100);
  expect(submissions).toBeGreaterThan(messages ?? 0);
});
