import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PRELOAD = new URL('./stepping-clock.ts', import.meta.url).href;

/** The wall clocks of several processes: they step together, and each may be a little off. */
export class Clocks {
  private commonMs = 0;
  private readonly skews = new Map<string, number>();

  constructor(private readonly folder: string) {}

  /** What a process needs in its environment to live by its clock here. */
  async environmentOf(name: string): Promise<Readonly<Record<string, string>>> {
    this.skews.set(name, 0);
    await this.write(name);
    return { NODE_OPTIONS: `--import ${PRELOAD}`, STEPPING_CLOCK_FILE: this.fileOf(name) };
  }

  /** By the processes' common clock. */
  now(): Date {
    return new Date(Date.now() + this.commonMs);
  }

  async step(byMs: number): Promise<void> {
    this.commonMs += Math.round(byMs);
    for (const name of this.skews.keys()) await this.write(name);
  }

  async skew(name: string, ms: number): Promise<void> {
    this.skews.set(name, Math.round(ms));
    await this.write(name);
  }

  private async write(name: string): Promise<void> {
    const file = this.fileOf(name);
    await writeFile(`${file}.new`, String(this.commonMs + (this.skews.get(name) ?? 0)));
    await rename(`${file}.new`, file);
  }

  private fileOf(name: string): string {
    return join(this.folder, `clock-${name}`);
  }
}
