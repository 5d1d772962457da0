import { MisbehavingProvider } from './provider.js';
import { readSettings } from './read-settings.js';
import { usage } from './usage.js';

/** `npm run provider`: the only file of this program that reads the environment and the clock. */
async function run(): Promise<void> {
  // oxlint-disable-next-line no-restricted-properties -- here it is read, once
  const reading = readSettings(process.argv.slice(2), process.env);
  if (!reading.ok) throw new Error(reading.problem);
  const { settings } = reading;
  const provider = new MisbehavingProvider(settings, () => new Date());
  const port = await provider.listen();
  process.stdout.write(usage(`http://${settings.host}:${port}`, settings));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void provider.close().then(() => process.exit(0)));
  }
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
