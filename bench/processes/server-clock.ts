import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The clock of the chaos, which Node runs as it is; from dist/bench/processes. */
const PRELOAD = new URL('../../../test/support/chaos/stepping-clock.ts', import.meta.url).href;

/** A wall clock for a server that can be put to any instant, and runs on from there. */
export class ServerClock {
  private readonly file: string;
  private offsetMs = 0;

  constructor(folder: string) {
    this.file = join(folder, 'server-clock');
  }

  async put(to: Date): Promise<void> {
    this.offsetMs = to.getTime() - Date.now();
    await writeFile(`${this.file}.new`, String(this.offsetMs));
    await rename(`${this.file}.new`, this.file);
  }

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  /** For the server that is to live by it. */
  get environment(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import ${PRELOAD}`, STEPPING_CLOCK_FILE: this.file };
  }
}
