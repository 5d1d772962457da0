import { existsSync } from 'node:fs';
import 'reflect-metadata';
import { banner } from './banner.js';
import { resealOnly } from './reseal.js';
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

/** The exit code. */
async function run(command: string | undefined): Promise<number> {
  switch (command) {
    case undefined:
      await serve();
      return 0;
    case 'migrate':
      process.stdout.write(`${await migrateOnly(environment())}\n`);
      return 0;
    case 'reseal': {
      const { text, complete } = await resealOnly(environment());
      process.stdout.write(`${text}\n`);
      return complete ? 0 : 1;
    }
    default:
      throw new Error('the only commands are "migrate" and "reseal"; without one, Relais serves');
  }
}

run(process.argv[2]).then(
  code => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${startFailure(error)}\n`);
    process.exit(1);
  },
);
