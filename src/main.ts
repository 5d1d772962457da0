import { existsSync } from 'node:fs';
import 'reflect-metadata';
import { banner } from './banner.js';
import { reasonOf, startFailure } from './start-failure.js';
import { migrateOnly, start } from './start.js';

// The only file that reads the environment; everything else gets an AppConfig.
const STOP_WITHIN_MS = 25_000;

function environment(): NodeJS.ProcessEnv {
  if (existsSync('.env')) process.loadEnvFile('.env');
  // oxlint-disable-next-line no-restricted-properties -- here it is read, once
  return process.env;
}

async function serve(): Promise<void> {
  // From the first moment on, so that Ctrl-C during a start ends cleanly too: what was started is stopped.
  const stopping = stopAsked();
  const running = await start(environment());
  process.stdout.write(banner(running.address, running.firstRunKeys));
  await stopping;
  await running.stop().catch((error: unknown) => {
    process.stderr.write(`Relais did not stop cleanly: ${reasonOf(error)}\n`);
    process.exit(1);
  });
}

/** Settles with the first signal. Later ones change nothing: npm passes on the Ctrl-C that the terminal sent here too. */
function stopAsked(): Promise<void> {
  return new Promise(resolved => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
        resolved();
      });
    }
  });
}

async function run(command: string | undefined): Promise<void> {
  if (command === undefined) return serve();
  if (command !== 'migrate') throw new Error('the only command is "migrate"; without one, Relais serves');
  process.stdout.write(`${await migrateOnly(environment())}\n`);
}

run(process.argv[2]).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${startFailure(error)}\n`);
    process.exit(1);
  },
);
