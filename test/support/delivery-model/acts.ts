import { expect } from 'vitest';
import { sendBatch } from '../batches.js';
import { cancel, type RefusalView, reschedule, schedule, send } from '../messages.js';
import { post, receipt } from '../receipts.js';
import type { AskedMessage, Category, DeliveryModel } from './model.js';
import type { AnswerKind } from './provider-script.js';
import { expectNothingOverdue } from './rules.js';
import type { DeliveryWorld } from './world.js';

const MINUTE_MS = 60_000;

export interface Sending {
  readonly category: Category;
  readonly to: readonly string[];
  /** A text for each, as a batch. */
  readonly batch: boolean;
  /** Null: now. */
  readonly minutesAhead: number | null;
  readonly validitySeconds: number | null;
  /** What the provider says to the calls that follow. */
  readonly answers: readonly AnswerKind[];
  /** The workers get to it before anything else happens. */
  readonly atOnce: boolean;
}

export interface PostedReceipt {
  readonly which: number;
  readonly status: string;
  readonly times: number;
  readonly atOnce: boolean;
}

export async function ask(world: DeliveryWorld, sending: Sending): Promise<void> {
  const { category, to, batch, minutesAhead, validitySeconds, answers } = sending;
  const { model, tenant, app, script } = world;
  script.answersNext.push(...answers);
  const at = minutesAhead === null ? null : new Date(app.clock.now().getTime() + minutesAhead * MINUTE_MS);
  const options = { category, ...(validitySeconds !== null && { validitySeconds }) };
  const first = model.messages.length;
  const nameOf = (index: number): string => `${category.slice(0, 1)}${first + index}`;
  if (batch) {
    const messages = to.map((phoneNumber, index) => ({ to: phoneNumber, text: nameOf(index) }));
    const asked = await sendBatch(tenant.gql, { messages, ...options, ...(at !== null && { at: at.toISOString() }) });
    if (asked.__typename !== 'Batch') return expectRefusalDeserved(model, asked, sending);
    for (const { to: only, text } of messages) model.messages.push({ text, category, to: [only], at });
  } else {
    const input = { to, text: nameOf(0), ...options };
    const asked = await (at === null ? send(tenant.gql, input) : schedule(tenant.gql, at.toISOString(), input));
    if (asked.__typename !== 'Message') return expectRefusalDeserved(model, asked, sending);
    model.messages.push({ text: nameOf(0), category, to, at });
  }
  if (sending.atOnce) await tick(world);
}

function expectRefusalDeserved({ optedOut }: DeliveryModel, { __typename }: RefusalView, sending: Sending): void {
  if (__typename === 'InsufficientCredit') return;
  expect(__typename).toBe('NoRecipient');
  expect(sending.category).toBe('COMMERCIAL');
  expect(sending.to.filter(phoneNumber => !optedOut.has(phoneNumber))).toEqual([]);
}

export async function tick(world: DeliveryWorld): Promise<void> {
  await world.app.tick();
  world.model.ticked();
  await expectNothingOverdue(world);
}

export async function pass(world: DeliveryWorld, seconds: number): Promise<void> {
  world.app.clock.advance({ seconds });
  await tick(world);
}

/** Of any SMS that was ever called for, the newest first: early, late, doubled, for an attempt that is long over. */
export async function postReceipt(world: DeliveryWorld, posted: PostedReceipt): Promise<void> {
  const { which, status, times, atOnce } = posted;
  const { model } = world;
  const all = model.calls.flatMap(({ receiptUrl, carried }) => carried.map(sms => ({ receiptUrl, sms })));
  const { receiptUrl, sms } = pick(all, which);
  for (let time = 0; time < times; time += 1) {
    expect((await post(receiptUrl, receipt(sms.phoneNumber, status))).status).toBe(200);
  }
  model.receiptPosted(sms, status);
  if (atOnce) await tick(world);
}

export async function cancelOne(world: DeliveryWorld, which: number): Promise<void> {
  const { app, model, tenant } = world;
  const message = pick(model.messages, which);
  const waited = model.statusesOf(message).includes('WAITING');
  const { __typename } = await cancel(tenant.gql, await idOf(world, message));
  if (waited) expect(__typename).toBe('Message');
  const left = await app.sql(
    `select 1 from deliveries d join messages m on m.id = d.message_id where m.text = $1 and d.status = 'WAITING'`,
    [message.text],
  );
  expect(left, 'still waits after a cancellation').toEqual([]);
}

export async function rescheduleOne(world: DeliveryWorld, which: number, minutesAhead: number): Promise<void> {
  const { app, model, tenant } = world;
  const message = pick(model.messages, which);
  const waited = model.statusesOf(message).includes('WAITING');
  const at = new Date(app.clock.now().getTime() + minutesAhead * MINUTE_MS);
  const { __typename } = await reschedule(tenant.gql, await idOf(world, message), at.toISOString());
  if (waited) expect(__typename).toBe('Message');
  if (__typename === 'Message') model.rescheduled(message, at);
}

export async function resolveOne(world: DeliveryWorld, which: number, resend: boolean): Promise<void> {
  const { app, model } = world;
  const message = pick(model.messages, which);
  const doubtful = model.statusesOf(message).includes('UNCONFIRMED');
  const { errors } = await app.admin.ask(
    'mutation ($id: ID!, $resend: Boolean!) { resolveUnconfirmed(messageId: $id, resend: $resend, reason: "test") { id } }',
    { id: await idOf(world, message), resend },
  );
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(doubtful ? [] : ['NOT_FOUND']);
  if (doubtful && resend) model.resentByAdministrator(message);
}

export async function setOptedOut({ tenant, model }: DeliveryWorld, phoneNumber: string, out: boolean): Promise<void> {
  const [field, selection] = out ? ['addOptOut', '{ source }'] : ['removeOptOut', ''];
  await tenant.gql.run(`mutation ($n: PhoneNumber!) { ${field}(phoneNumber: $n) ${selection} }`, { n: phoneNumber });
  if (out) model.optedOut.add(phoneNumber);
  else model.optedOut.delete(phoneNumber);
}

export async function setSuspended({ app, tenant, model }: DeliveryWorld, suspended: boolean): Promise<void> {
  const mutation = suspended ? 'suspendTenant(id: $id, reason: "test")' : 'reactivateTenant(id: $id)';
  await app.admin.run(`mutation ($id: ID!) { ${mutation} { id } }`, { id: tenant.id });
  model.suspended = suspended;
}

/** Nothing stands in the way any more. */
export async function clearTheWay(world: DeliveryWorld): Promise<void> {
  if (world.model.suspended) await setSuspended(world, false);
  world.script.answersNext = [];
  world.script.lookups = 'knows-all';
}

/** Counted from the newest. */
function pick<T>(all: readonly T[], index: number): T {
  const picked = all.at(-1 - (index % all.length));
  if (picked === undefined) throw new Error('there is none to pick');
  return picked;
}

async function idOf({ app }: DeliveryWorld, { text }: AskedMessage): Promise<string> {
  const [found] = await app.sql<{ id: string }>('select id from messages where text = $1', [text]);
  if (found === undefined) throw new Error(`${text} is not there`);
  return found.id;
}
