import { afterAll, beforeAll, describe, test } from 'vitest';
import { seen } from '../support/chain.js';
import { Lives, ProviderBook } from '../support/crash-points.js';
import { accepted, look, type MessageView } from '../support/messages.js';
import { Receiver } from '../support/receiver.js';
import { createWebhook, eventIn, isSigned, webhookDeliveriesOf } from '../support/webhooks.js';

/** Where something that is told of changes for good, and where it is told. */
const POINTS = [
  'accept.before-commit',
  'accept.after-commit',
  'dispatch.after-record',
  'receipts.before-apply-commit',
  'receipts.after-apply',
  'callback.after-post',
] as const;

const TOLD = ['delivery.updated', 'message.accepted', 'message.completed', 'message.sent'];

let receiver: Receiver;
beforeAll(async () => {
  receiver = await Receiver.start();
});
afterAll(() => receiver.close());

const ask = (lives: Lives): Promise<MessageView> =>
  accepted(lives.tenant, { category: 'TRANSACTIONAL', idempotencyKey: 'one' });

/** Whatever the dead one had in hand: free within half a minute, and here at once. */
async function endLeases(lives: Lives): Promise<void> {
  for (const table of ['submissions', 'receipts', 'webhook_deliveries'])
    await lives.sql(`update ${table} set due_at = now() where lease is not null and due_at > now()`);
}

/** A receipt that came while nobody lived is asked for after half an hour, and here at once. */
const lookForReceipts = (lives: Lives): Promise<unknown> =>
  lives.sql(
    `update submissions set due_at = now() where state = 'DONE' and sent > 0 and lease is null and due_at > now()`,
  );

const completed = (lives: Lives, { id }: MessageView): Promise<MessageView> =>
  seen(
    async () => {
      await lookForReceipts(lives);
      return look(lives.tenant, id);
    },
    ({ status }) => status === 'COMPLETED',
  );

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

describe.concurrent('a process killed', () => {
  test.for(POINTS)('at %s leaves no change untold and tells of none that was not', async (crashAt, { expect }) => {
    await staged(async (lives, book) => {
      await lives.begin(crashAt);
      await lives.createTenant();
      const { secret } = await createWebhook(lives.tenant, receiver.url(`/${lives.database.name}`));
      // The process dies, perhaps before it answers.
      await ask(lives).catch(() => null);
      expect(await lives.ended()).toEqual({ code: null, signal: 'SIGKILL' });
      await endLeases(lives);
      await lives.begin('never');
      await completed(lives, await ask(lives));
      const deliveries = await seen(
        () => webhookDeliveriesOf(lives.tenant),
        all => all.length >= TOLD.length && all.every(({ status }) => status === 'DELIVERED'),
      );
      expect(deliveries.map(({ eventType }) => eventType).toSorted()).toEqual(TOLD);
      const calls = receiver.received.filter(({ path }) => path === `/${lives.database.name}`);
      const byId = new Map(calls.map(call => [call.headers['webhook-id'], eventIn(call).type]));
      expect([...byId.values()].toSorted()).toEqual(TOLD);
      expect(calls.filter(call => !isSigned(call, secret))).toEqual([]);
      // At least once: again what was posted and not written down.
      expect(calls.length).toBeGreaterThanOrEqual(TOLD.length + (crashAt === 'callback.after-post' ? 1 : 0));
      expect(book.sentTo).toEqual({ '+33612345678': 1 });
      expect(lives.errors).toEqual([]);
    });
  });
});
