import { afterAll, beforeAll, describe, type ExpectStatic, test } from 'vitest';
import { CRASH_POINTS, type CrashPointName } from '../../src/kernel/crash-points.js';
import { seen } from '../support/chain.js';
import { Lives, ProviderBook } from '../support/crash-points.js';
import { accepted, acceptedFor, look, type MessageView, type SmsInput } from '../support/messages.js';
import { Receiver } from '../support/receiver.js';

/**
 * A process dies, a second one is started on the same database. All by the real clock; what the product itself waits for
 * (the dead one's leases, the first look at a doubtful call after a minute) is brought forward by SQL.
 */
const NOW_PHONE = '+33612345678';
const LATER_PHONE = '+33612345679';
const AN_HOUR = 3_600_000;

/** Points after which nobody here knows whether the call was made: only the provider does. */
const DOUBTFUL: ReadonlySet<CrashPointName> = new Set([
  'dispatch.after-attempt',
  'dispatch.after-call',
  'dispatch.before-record-commit',
]);

let receiver: Receiver;
beforeAll(async () => {
  receiver = await Receiver.start();
});
afterAll(() => receiver.close());

interface Asked {
  readonly now: () => Promise<MessageView>;
  readonly later: () => Promise<MessageView>;
}

/** A client that repeats what it asked for, key and all, until it is answered. */
function clientOf(lives: Lives): Asked {
  const common = { category: 'TRANSACTIONAL', receiptUrl: receiver.url(`/${lives.database.name}`) };
  const now: SmsInput = { ...common, to: [NOW_PHONE], idempotencyKey: 'now' };
  const later: SmsInput = { ...common, to: [LATER_PHONE], idempotencyKey: 'later' };
  const at = new Date(Date.now() + AN_HOUR).toISOString();
  return {
    now: () => accepted(lives.tenant, now),
    later: () => acceptedFor(lives.tenant, at, later),
  };
}

const answered = (asked: Promise<MessageView>): Promise<MessageView | null> => asked.catch(() => null);

const isDelivered = ({ status, counts }: MessageView): boolean => status === 'COMPLETED' && counts['delivered'] === 1;

const delivered = (lives: Lives, { id }: MessageView): Promise<MessageView> =>
  seen(
    async () => {
      await sooner(lives);
      return look(lives.tenant, id);
    },
    isDelivered,
    30,
  );

const toldToTenant = (lives: Lives): Promise<{ state: string }[]> =>
  seen(
    () => lives.sql<{ state: string }>('select state from webhook_deliveries'),
    told => told.length === 2 && told.every(({ state }) => state === 'DELIVERED'),
  );

const postsTo = ({ database }: Lives): string[] =>
  receiver.received.filter(({ path }) => path === `/${database.name}`).map(({ body }) => body);

const bringScheduleForward = (lives: Lives): Promise<unknown> =>
  lives.sql(`update submissions set release_at = now(), due_at = now() where state = 'SCHEDULED'`);

/** What the living one itself would look at a minute or more from now. What it has in hand is left to it. */
async function sooner(lives: Lives): Promise<void> {
  // One statement: a lookup that ends between two would keep its own time to look, and its next turn would come to nothing.
  await lives.sql(
    `with free as (
       select tenant_id, id, attempt_id from submissions
        where due_at > now() and lease is null and (state = 'UNCONFIRMED' or state = 'DONE' and sent > 0) for update),
     looks as (
       update attempts a set looked_at = looked_at - interval '25 seconds', absent_since = absent_since - interval '1 second'
         from free where a.id = free.attempt_id and a.outcome = 'unknown')
     update submissions s set due_at = now() from free where s.tenant_id = free.tenant_id and s.id = free.id`,
  );
}

/** Whatever the dead one had in hand: free within half a minute, and here at once. Answers how long it would have been, in seconds. */
async function endLeases(lives: Lives): Promise<number> {
  const [longest] = await lives.sql<{ seconds: number }>(
    `select coalesce(max(extract(epoch from due_at - now())), 0)::float8 as seconds from (
       select due_at from submissions where state not in ('SCHEDULED', 'DONE')
       union all select due_at from receipts where state = 'NEW'
       union all select due_at from webhook_deliveries where state = 'PENDING') open`,
  );
  for (const table of ['submissions', 'receipts', 'webhook_deliveries']) {
    await lives.sql(`update ${table} set due_at = now() where lease is not null and due_at > now()`);
  }
  return longest?.seconds ?? 0;
}

interface Books extends Record<string, unknown> {
  readonly balance: string;
  readonly ledger: string;
  readonly charged: string;
  readonly messages: number;
  readonly doubts: number;
}

async function booksOf(lives: Lives): Promise<Books | undefined> {
  const [books] = await lives.sql<Books>(
    `select (select amount from balances) as balance, (select sum(amount) from ledger_entries) as ledger,
            (select sum(cost) from deliveries where charge = 'CHARGED') as charged,
            (select count(*)::int from messages) as messages,
            (select count(*)::int from timeline_events where kind = 'unconfirmed') as doubts`,
  );
  return books;
}

async function staged(act: (lives: Lives, book: ProviderBook) => Promise<void>): Promise<void> {
  const book = await ProviderBook.open();
  const lives = await Lives.prepare(book);
  try {
    await act(lives, book);
  } finally {
    await lives.remove();
    await book.close();
  }
}

/** The first life: asks for an SMS for later and one for now, until the process dies. */
async function firstLife(lives: Lives, crashAt: CrashPointName | 'never'): Promise<Answered> {
  await lives.begin(crashAt);
  await lives.createTenant();
  const client = clientOf(lives);
  const later = await answered(client.later());
  const now = await answered(client.now());
  if (crashAt.startsWith('release.') && now !== null) {
    await delivered(lives, now);
    await bringScheduleForward(lives);
  }
  return { client, now, later };
}

interface Answered {
  readonly client: Asked;
  /** Null: the process died before it answered. */
  readonly now: MessageView | null;
  readonly later: MessageView | null;
}

describe.concurrent('a process killed', () => {
  test.for(CRASH_POINTS)('at %s loses nothing, and nothing is sent twice', async (crashAt, { expect }) => {
    await staged(async (lives, book) => {
      const { client, now, later } = await firstLife(lives, crashAt);
      expect(await lives.ended()).toEqual({ code: null, signal: 'SIGKILL' });
      expect(await endLeases(lives)).toBeLessThanOrEqual(30);
      await bringScheduleForward(lives);
      await lives.begin('never');
      // What was answered stands; what was not is asked again, and was accepted once at most.
      const messages = [await client.now(), await client.later()] as const;
      if (now !== null) expect(messages[0].id).toBe(now.id);
      if (later !== null) expect(messages[1].id).toBe(later.id);
      await bringScheduleForward(lives);
      for (const message of messages) await delivered(lives, message);
      expect(book.sentTo).toEqual({ [NOW_PHONE]: 1, [LATER_PHONE]: 1 });
      await toldToTenant(lives);
      // At least once, each time the same.
      expect(postsTo(lives)).toHaveLength(crashAt === 'callback.after-post' ? 3 : 2);
      expect(new Set(postsTo(lives)).size).toBe(2);
      await expectAgreement(lives, expect, doubtsAfter(crashAt));
      expect([(await client.now()).id, (await client.later()).id]).toEqual(messages.map(({ id }) => id));
    });
  });

  test('while the provider has booked the call and not answered yet, leaves a doubt that the provider settles', ({
    expect,
  }) =>
    staged(async (lives, book) => {
      book.insteadOfAnswering = () => lives.kill();
      const { client } = await firstLife(lives, 'never');
      expect(await lives.ended()).toEqual({ code: null, signal: 'SIGKILL' });
      expect(await endLeases(lives)).toBeLessThanOrEqual(30);
      await bringScheduleForward(lives);
      await lives.begin('never');
      for (const message of [await client.now(), await client.later()]) await delivered(lives, message);
      expect(book.sentTo).toEqual({ [NOW_PHONE]: 1, [LATER_PHONE]: 1 });
      await expectAgreement(lives, expect, { doubts: 1 });
    }));

  test('before it knows the answer, leaves an honest doubt for as long as the provider does not say', ({ expect }) =>
    staged(async (lives, book) => {
      const { client } = await firstLife(lives, 'dispatch.after-call');
      await lives.ended();
      book.mute = true;
      await endLeases(lives);
      await lives.begin('never');
      const { id } = await client.now();
      const looked = (): Promise<MessageView> => look(lives.tenant, id);
      await seen(looked, ({ status }) => status === 'UNCONFIRMED');
      const lookups = async (): Promise<number> =>
        (await lives.sql<{ lookups: number }>('select lookups from attempts'))[0]?.lookups ?? 0;
      await seen(
        async () => {
          await sooner(lives);
          return lookups();
        },
        count => count >= 3,
      );
      expect(await looked()).toMatchObject({ status: 'UNCONFIRMED', waiting: [{ kind: 'DOUBT' }] });
      expect((await client.now()).id).toBe(id);
      book.mute = false;
      await delivered(lives, await looked());
      expect(book.sentTo).toEqual({ [NOW_PHONE]: 1 });
    }));
});

/** A receipt may come before the answer is recorded, and then its death is that of the call too. */
function doubtsAfter(crashAt: CrashPointName): Pick<Books, 'doubts'> | null {
  if (crashAt.startsWith('receipt')) return null;
  return { doubts: DOUBTFUL.has(crashAt) ? 1 : 0 };
}

/** Money, messages and doubts, once both SMS are delivered. */
async function expectAgreement(
  lives: Lives,
  expect: ExpectStatic,
  doubts: Pick<Books, 'doubts'> | null,
): Promise<void> {
  const books = { balance: '9.8800', ledger: '9.8800', charged: '0.1200', messages: 2, ...doubts };
  expect(await booksOf(lives)).toMatchObject(books);
  expect(lives.errors).toEqual([]);
}
