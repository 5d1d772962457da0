import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
/** What `npm start` tells node, so that what is measured is what users have. */
const START: { readonly scripts: { readonly start: string } } = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../../package.json', import.meta.url)), 'utf8'),
);
const START_FLAGS = START.scripts.start.split(' ').slice(1, -1);
const UP_WITHIN_MS = 30_000;
const STOPS_WITHIN_MS = 28_000;

export interface RelaisTerms {
  readonly folder: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** Of node itself. */
  readonly flags: readonly string[];
}

/** The built application as a process of its own. */
export class Relais {
  private output = '';

  private constructor(
    private readonly child: ChildProcessByStdio<null, Readable, Readable>,
    readonly url: string,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /** Not up yet. */
  static spawn({ folder, port, env, flags }: RelaisTerms): Relais {
    const child = spawn(process.execPath, [...START_FLAGS, ...flags, MAIN], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'warn', ...env },
    });
    return new Relais(child, `http://127.0.0.1:${port}`);
  }

  async up(): Promise<this> {
    for (let waitedMs = 0; !this.output.includes('Relais is up'); waitedMs += 20) {
      if (this.hasEnded || waitedMs > UP_WITHIN_MS) throw new Error(`Relais did not start:\n${this.output}`);
      await setTimeout(20);
    }
    return this;
  }

  /** What it warned of, each sentence once. */
  get warnings(): readonly string[] {
    const lines = this.output.split('\n').filter(line => line.startsWith('{'));
    return [...new Set(lines.map(line => /"(?:msg|message)":"([^"]+)"/.exec(line)?.[1] ?? line.slice(0, 200)))];
  }

  /** Resident memory in MB; null where it cannot be told. */
  async memory(): Promise<number | null> {
    const file = `/proc/${this.child.pid}/status`;
    if (!existsSync(file)) return null;
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(file, 'utf8'))?.[1];
    return kib === undefined ? null : (Number(kib) * 1024) / 1e6;
  }

  /** Drains. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const inTime = new AbortController();
    const late = setTimeout(STOPS_WITHIN_MS, true, { signal: inTime.signal }).catch(() => false);
    if (await Promise.race([ended.then(() => false), late])) this.child.kill('SIGKILL');
    inTime.abort();
    await ended;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
