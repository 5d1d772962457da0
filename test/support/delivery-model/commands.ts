import fc from 'fast-check';
import {
  ask,
  cancelOne,
  pass,
  type PostedReceipt,
  postReceipt,
  rescheduleOne,
  resolveOne,
  type Sending,
  setOptedOut,
  setSuspended,
  tick,
} from './acts.js';
import { PHONES } from './daytime.js';
import type { DeliveryModel } from './model.js';
import { ANSWERS, LOOKUPS } from './provider-script.js';
import { expectPromisesKept } from './rules.js';
import type { DeliveryWorld } from './world.js';

type Command = fc.AsyncCommand<DeliveryModel, DeliveryWorld>;
type Condition = (model: Readonly<DeliveryModel>) => boolean;

/** One thing that happens to the world; afterwards every promise is looked at. */
class Act implements Command {
  constructor(
    private readonly name: string,
    private readonly act: (world: DeliveryWorld) => Promise<void>,
    private readonly may: Condition = () => true,
  ) {}

  check(model: Readonly<DeliveryModel>): boolean {
    return this.may(model);
  }

  async run(_model: DeliveryModel, world: DeliveryWorld): Promise<void> {
    await this.act(world);
    await expectPromisesKept(world);
  }

  toString(): string {
    return this.name;
  }
}

const MOST_MESSAGES = 40;
const SECONDS = [1, 30, 61, 300, 601, 1_860, 3 * 3_600, 13 * 3_600, 86_400, 3 * 86_400] as const;
const MINUTES_AHEAD = [1, 20, 600, 3_000] as const;

const maySend: Condition = ({ suspended, messages }) => !suspended && messages.length < MOST_MESSAGES;
const hasMessages: Condition = ({ messages }) => messages.length > 0;
const hasCalls: Condition = ({ calls }) => calls.length > 0;

const seconds = fc.constantFrom(...SECONDS);
const minutes = fc.constantFrom(...MINUTES_AHEAD);
const phone = fc.constantFrom(...PHONES);
/** Doubt, which is what it is most about, more often than the rest. */
const answers = fc.array(fc.constantFrom(...ANSWERS, 'unknown', 'unknown', 'last-unmentioned'), { maxLength: 3 });
/** Mostly one of the newest. */
const which = fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 100 }));

const sending: fc.Arbitrary<Sending> = fc.record({
  category: fc.constantFrom('COMMERCIAL', 'TRANSACTIONAL'),
  to: fc.uniqueArray(phone, { minLength: 1, maxLength: 3 }),
  batch: fc.boolean(),
  minutesAhead: fc.option(minutes, { freq: 1 }),
  validitySeconds: fc.option(fc.constantFrom(60, 3_600, 7 * 86_400), { freq: 1 }),
  answers,
  atOnce: fc.boolean(),
});
const receipt: fc.Arbitrary<PostedReceipt> = fc.record({
  which,
  status: fc.constantFrom('delivered', 'not delivered', 'waiting', 'waiting'),
  times: fc.constantFrom(1, 1, 2),
  atOnce: fc.boolean(),
});

const send = sending.map(what => new Act(`send ${JSON.stringify(what)}`, world => ask(world, what), maySend));
const look = fc.constant(new Act('tick', tick));
const timePasses = seconds.map(many => new Act(`${many} s pass`, world => pass(world, many)));
const timePassesUnnoticed = seconds.map(
  many => new Act(`${many} s pass unnoticed`, async ({ app }) => app.clock.advance({ seconds: many })),
);
const toldAnswers = answers.map(
  kinds =>
    new Act(`the provider answers ${kinds.join(', ')}`, async ({ script }) => {
      script.answersNext.push(...kinds);
    }),
);
const toldLookups = fc.constantFrom(...LOOKUPS, 'denies', 'denies').map(
  kind =>
    new Act(`the provider, when asked, ${kind}`, async ({ script }) => {
      script.lookups = kind;
    }),
);
const receiptComes = receipt.map(
  what => new Act(`receipt ${JSON.stringify(what)}`, world => postReceipt(world, what), hasCalls),
);
const cancelled = fc.tuple(which, fc.constantFrom('cancelled', 'too-late', 'silent')).map(
  ([message, word]) =>
    new Act(
      `cancel message ${message}; the provider: ${word}`,
      world => {
        world.script.cancels(word);
        return cancelOne(world, message);
      },
      hasMessages,
    ),
);
const rescheduled = fc.tuple(which, minutes).map(([message, ahead]) => {
  const name = `reschedule message ${message} to ${ahead} min ahead`;
  return new Act(name, world => rescheduleOne(world, message, ahead), hasMessages);
});
const resolved = fc.tuple(which, fc.boolean()).map(([message, resend]) => {
  const name = `resolve message ${message}: ${resend ? 'resend' : 'give up'}`;
  return new Act(name, world => resolveOne(world, message, resend), hasMessages);
});
const stopped = phone.map(number => new Act(`${number} says STOP`, world => setOptedOut(world, number, true)));
const letIn = phone.map(number => new Act(`${number} is let in again`, world => setOptedOut(world, number, false)));
const suspend = fc.constant(
  new Act(
    'suspend',
    world => setSuspended(world, true),
    ({ suspended }) => !suspended,
  ),
);
const reactivate = fc.constant(
  new Act(
    'reactivate',
    world => setSuspended(world, false),
    ({ suspended }) => suspended,
  ),
);

const times = (count: number, command: fc.Arbitrary<Command>): fc.Arbitrary<Command>[] =>
  Array.from({ length: count }, () => command);

/** Whatever may happen, with its weight. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  ...times(8, send),
  ...times(2, look),
  ...times(9, timePasses),
  ...times(1, timePassesUnnoticed),
  ...times(4, toldAnswers),
  ...times(3, toldLookups),
  ...times(6, receiptComes),
  ...times(3, cancelled),
  ...times(3, rescheduled),
  ...times(3, resolved),
  ...times(2, stopped),
  ...times(1, letIn),
  ...times(1, suspend),
  ...times(4, reactivate),
];
