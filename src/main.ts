import { existsSync } from 'node:fs';
import 'reflect-metadata';
import { banner } from './banner.js';
import { startFailure } from './start-failure.js';
import { type Running, start } from './start.js';

// The only file that reads the environment; everything else gets an AppConfig.
const STOP_WITHIN_MS = 25_000;

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  let running: Running;
  try {
    // oxlint-disable-next-line no-restricted-properties -- here it is read, once
    running = await start(process.env);
  } catch (error) {
    process.stderr.write(`${startFailure(error)}\n`);
    process.exit(1);
  }
  if (running.address !== null) process.stdout.write(banner(running.address, running.firstRunKeys));
  const stop = (): void => {
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

await main();
