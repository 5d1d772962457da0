import { Bench } from './bench.js';
import { Cleanup } from './cleanup.js';
import { machineInWords, writeReport } from './report.js';
import type { Result } from './result.js';
import { ROWS } from './rows/rows.js';
import type { Row } from './rows/row.js';
import { readSettings, type Settings } from './settings.js';
import { notesOf, tableOf } from './table.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function run(settings: Settings): Promise<void> {
  const cleanup = new Cleanup();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanup.run().finally(() => process.exit(130)));
  }
  try {
    const bench = await Bench.start(settings, cleanup);
    const wanted = ROWS.filter(({ name }) => settings.only === null || settings.only.includes(name));
    const results: Result[] = [];
    for (const row of wanted) results.push(...(await runRow(bench, row)));
    tell(bench, results);
    say(`\nWritten to ${await writeReport(bench, results)}`);
  } finally {
    await cleanup.run();
  }
}

async function runRow(bench: Bench, row: Row): Promise<readonly Result[]> {
  const { settings } = bench;
  const needs = settings.quick ? row.takes.quick : row.takes.full;
  if (settings.only === null && bench.secondsLeft < needs) {
    say(`${row.name}: left out, the bench may take ${bench.scale.totalSeconds} s in all`);
    return [];
  }
  const began = performance.now();
  const results = await row.run(bench);
  say(`${row.name}: ${Math.round((performance.now() - began) / 1_000)} s`);
  return results;
}

function tell(bench: Bench, results: readonly Result[]): void {
  const how = bench.settings.quick ? ' (--quick: small sizes and few short rounds, good for a look and no more)' : '';
  say(`\nMedians${how}, in brackets the spread over the rounds\n\n${tableOf(results)}\n`);
  say(`${machineInWords()}\n`);
  for (const note of notesOf(results)) say(note);
  if (bench.profiles !== null) say(`CPU profiles: ${bench.profiles}`);
}

async function main(): Promise<void> {
  await run(
    readSettings(
      process.argv.slice(2),
      ROWS.map(({ name }) => name),
    ),
  );
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
