import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Bench, RESULTS } from './bench.js';
import type { Result } from './result.js';

/** What the figures come from: they compare with nothing from another machine. */
const MACHINE = {
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${arch()}`,
  node: process.version,
};

export const machineInWords = (): string =>
  `Machine: ${MACHINE.processor}, ${MACHINE.cores} cores, ${MACHINE.memoryGiB} GiB, ${MACHINE.system}, Node.js ${MACHINE.node}`;

/** bench/results/<date>.json; answers where. */
export async function writeReport({ settings, memory }: Bench, results: readonly Result[]): Promise<string> {
  const at = new Date().toISOString();
  const report = {
    at,
    quick: settings.quick,
    machine: MACHINE,
    load: loadavg(),
    memoryMB: Object.fromEntries(memory),
    results,
  };
  await mkdir(RESULTS, { recursive: true });
  const file = join(RESULTS, `${at.slice(0, 19).replaceAll(':', '-')}.json`);
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}
