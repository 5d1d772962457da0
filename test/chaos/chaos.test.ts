import { afterAll, expect, test } from 'vitest';
import { Chaos, type ChaosRun } from '../support/chaos/chaos.js';

const SEED = Number(process.env['CHAOS_SEED'] ?? '1');
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? '20');

const chaos = new Chaos(SEED, SECONDS);

afterAll(() => chaos.cleanUp());

test('whatever dies, stalls or lies about its hour: each accepted SMS is sent once or honestly in doubt, and paid for as such', async () => {
  process.stdout.write(`chaos for ${SECONDS} s, CHAOS_SEED=${SEED}\n`);
  const run = await chaos.run();
  process.stdout.write(tell(run));
  expect(run.problems).toEqual([]);
  const refusals = Object.keys(run.events).filter(name => name.startsWith('refused: '));
  expect(refusals.filter(name => !HONEST_REFUSALS.has(name))).toEqual([]);
  const { figures, events } = run;
  // A database that dies is no fault of ours to tell.
  expect(events['asked again: GraphQL INTERNAL_SERVER_ERROR']).toBeUndefined();
  expect(events['asked again: /v1/send HTTP 500']).toBeUndefined();
  // A run in which nothing happened shows nothing.
  expect(figures['accepted']).toBeGreaterThan(50);
  expect(figures['sent (book)']).toBeGreaterThan(50);
  expect(events['kill a process']).toBeGreaterThan(0);
});

/** One customer has little credit, and a clock may step over the time that an SMS is scheduled for. */
const HONEST_REFUSALS = new Set([
  'refused: send 11',
  ...['sendSms', 'sendBatch', 'scheduleSms'].map(kind => `refused: ${kind} INSUFFICIENT_CREDIT`),
  'refused: scheduleSms INVALID_SMS',
]);

function tell({ figures, events, log }: ChaosRun): string {
  const errors = log.map(line => JSON.parse(line)).filter(({ level }) => level === 50);
  const kinds = Map.groupBy(errors, toldOf);
  const logged = [...kinds].map(([kind, all]) => [`logged: ${kind}`, all.length] as const);
  const lines = [...Object.entries({ ...figures, ...events }), ...logged];
  return lines.map(([name, count]) => `  ${String(count).padStart(6)} ${name}\n`).join('');
}

interface LogLine {
  readonly message: string;
  readonly work?: string;
  readonly call?: string;
  readonly error?: { readonly type: string };
  readonly err?: { readonly type: string };
}

const toldOf = ({ message, work, call, error, err }: LogLine): string =>
  [message, work ?? call ?? '', error?.type ?? err?.type ?? ''].filter(part => part !== '').join(' | ');
