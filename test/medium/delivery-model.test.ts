import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clearTheWay } from '../support/delivery-model/acts.js';
import { COMMANDS } from '../support/delivery-model/commands.js';
import { expectAllToEnd, expectPromisesKept } from '../support/delivery-model/rules.js';
import { DeliveryWorlds } from '../support/delivery-model/world.js';

let worlds: DeliveryWorlds;
beforeAll(async () => {
  worlds = await DeliveryWorlds.open();
});
afterAll(() => worlds.close());

/**
 * Other runs than the usual: RUNS, SEED. A failure prints its seed, its path and its replayPath; given back here, the last
 * counterexample is run alone.
 */
const { RUNS, SEED, FAILED_PATH, REPLAY_PATH } = process.env;
const commands = fc.commands(COMMANDS, {
  maxCommands: 60,
  size: 'max',
  ...(REPLAY_PATH !== undefined && { replayPath: REPLAY_PATH }),
});
const PARAMETERS = {
  numRuns: Number(RUNS ?? 40),
  seed: Number(SEED ?? 20_260_113),
  ...(FAILED_PATH !== undefined && { path: FAILED_PATH, endOnFailure: true }),
  // Enough for a counterexample to become small; on a slow machine, for fewer runs.
  interruptAfterTimeLimit: 120_000,
} as const;

test('whatever happens in whatever order, nothing is sent twice, out of hours or to who said STOP, and all is told and paid as it is', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.boolean(), commands, async (resendWhenAbsent, acts) => {
      const world = await worlds.begin(resendWhenAbsent);
      await fc.asyncModelRun(() => ({ model: world.model, real: world }), acts);
      await clearTheWay(world);
      await expectAllToEnd(world);
      await expectPromisesKept(world);
      runs += 1;
    }),
    PARAMETERS,
  );
  expect(runs).toBeGreaterThan(0);
}, 240_000);
