import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MessagingWorkers } from '../../src/messaging/index.js';
import { ClaimSubmissions } from '../../src/messaging/leaving/claim-submissions.js';
import { DispatchSubmission } from '../../src/messaging/leaving/dispatch-submission.js';
import { ReleaseSubmission } from '../../src/messaging/leaving/release-submission.js';
import { accepted, look, type MessageView } from '../support/messages.js';
import { NO_ANSWER, notSent, ScriptedProvider } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

/** A Tuesday, 21:30 in Paris: commercial SMS are held to Wednesday at eight. */
const EVENING = '2026-01-13T20:30:00.000Z';
const WEDNESDAY_8 = '2026-01-14T07:00:00.000Z';
const HELD = 60;
/** So many calls it takes. */
const SENDERS = 3;

let app: TestApp;
let tenant: TestTenant;
let provider: ScriptedProvider;
let messages: MessageView[];

const numberOf = (index: number): string => `+336${String(20_000_000 + index)}`;

beforeEach(async () => {
  provider = new ScriptedProvider();
  provider.onFindByTag = NO_ANSWER;
  app = await appAt(EVENING, { provider });
  tenant = await app.tenant();
  messages = [];
  for (let index = 0; index < HELD; index += 1) {
    messages.push(await accepted(tenant.gql, { to: [numberOf(index)], sender: `BOUTIQUE${index % SENDERS}` }));
  }
});
afterEach(() => app.close());

const everyone = Array.from({ length: HELD }, (_, index) => numberOf(index)).toSorted();
const called = (): string[] => provider.recipients.flat().toSorted();
const statuses = async (): Promise<Set<string>> =>
  new Set(await Promise.all(messages.map(async ({ id }) => (await look(tenant.gql, id)).status)));

describe('what the night held', () => {
  test('leaves at eight once each, however many tickers look at once', async () => {
    app.clock.set('2026-01-14T06:59:59.999Z');
    await Promise.all([app.tick(), app.tick()]);
    expect(called()).toEqual([]);
    app.clock.set(WEDNESDAY_8);
    await Promise.all([app.tick(), app.tick(), app.tick(), app.tick()]);
    expect(called()).toEqual(everyone);
    expect(await statuses()).toEqual(new Set(['SENT']));
  });

  test('does not leave early where the clock is set back after it was released', async () => {
    app.clock.set(WEDNESDAY_8);
    provider.otherwise = notSent('unreachable', null);
    await app.tick();
    const tried = called().length;
    provider.otherwise = new ScriptedProvider().otherwise;
    app.clock.set('2026-01-14T06:45:00.000Z');
    for (let minute = 0; minute < 14; minute += 1) {
      app.clock.advance({ minutes: 1 });
      await app.tick();
    }
    expect(called()).toHaveLength(tried);
    for (let minute = 0; minute < 30; minute += 1) {
      app.clock.advance({ minutes: 1 });
      await app.tick();
    }
    expect(called()).toHaveLength(tried + HELD);
    expect(await statuses()).toEqual(new Set(['SENT']));
  });

  test('leaves once each where the clock jumps ahead over the whole morning, and the evening after keeps the rest', async () => {
    app.clock.set('2026-01-14T18:59:59.000Z');
    provider.answers(notSent('unreachable', null));
    await app.tick();
    expect(called()).toHaveLength(HELD);
    app.clock.set('2026-01-14T19:00:00.000Z');
    await app.tick();
    app.clock.set('2026-01-14T22:00:00.000Z');
    await app.tick();
    expect(called()).toHaveLength(HELD);
    expect(await statuses()).toEqual(new Set(['SENT', 'HELD']));
    app.clock.set('2026-01-15T07:00:00.000Z');
    await app.tick();
    expect(called()).toHaveLength(HELD + (provider.recipients[0]?.length ?? 0));
    expect(await statuses()).toEqual(new Set(['SENT']));
  });

  test('is left alone by a worker that stood still for minutes with it in hand: another has sent it', async () => {
    app.clock.set(WEDNESDAY_8);
    const inHand = await app.nest.get(ClaimSubmissions).execute('HELD', 10);
    expect(inHand).toHaveLength(10);
    app.clock.advance({ minutes: 5 });
    await app.nest.get(MessagingWorkers).settle();
    expect(called()).toEqual(everyone);
    for (const claimed of inHand) {
      await app.nest.get(ReleaseSubmission).execute(claimed);
      await app.nest.get(DispatchSubmission).execute(claimed);
    }
    await app.tick();
    expect(called()).toEqual(everyone);
  });
});
