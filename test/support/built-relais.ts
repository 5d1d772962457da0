import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { request } from 'undici';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const UP = /Relais is up: (?:(http:\S+)\/graphql|a worker)/;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An empty folder that the user "postgres" can walk into when the tests run as root. */
export async function emptyFolder(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'relais-built-'));
  await chmod(path, 0o711);
  await mkdir(join(path, 'home'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The built application as its own process, in a folder of its own, with an environment of nothing but what is given. */
export class BuiltRelais {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  private over = false;

  private constructor(private readonly child: ChildProcessByStdio<null, Readable, Readable>) {
    child.stdout.setEncoding('utf8').on('data', text => (this.stdout += text));
    child.stderr.setEncoding('utf8').on('data', text => (this.stderr += text));
    this.ended = new Promise(resolve => {
      child.once('close', (code, signal) => {
        this.over = true;
        resolve({ code, signal });
      });
    });
  }

  static run(folder: string, env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): BuiltRelais {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first, as "npm run test:e2e" does`);
    const own = { PORT: '0', HOST: '127.0.0.1', RELAIS_DATA_DIR: join(folder, 'data') };
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: join(folder, 'home'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', ...own, ...env },
    });
    return new BuiltRelais(child);
  }

  /** Waits for the banner; the address, or '' for a worker. */
  async up(): Promise<string> {
    await eventually(() => {
      if (this.over) throw new Error(`Relais ended before it was up:\n${this.stdout}\n${this.stderr}`);
      return UP.test(this.stdout);
    }, 60);
    return UP.exec(this.stdout)?.[1] ?? '';
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }

  /** A key of the banner, which tells it once. */
  key(whose: 'Administrator key' | 'Demo tenant key'): string {
    return new RegExp(`^${whose}: +(rk_\\S+)$`, 'm').exec(this.stdout)?.[1] ?? '';
  }

  /** The commands of the banner, as a person would paste them. */
  get commands(): readonly string[] {
    return this.stdout.split('\n').filter(line => line.startsWith('  curl '));
  }

  /** Standard output without the banner: JSON, line by line. */
  get log(): readonly string[] {
    return this.stdout.split('\n').filter(line => line.startsWith('{'));
  }
}

/** Asks again until it is so; fails after `seconds`. */
export async function eventually(so: () => boolean | Promise<boolean>, seconds: number): Promise<void> {
  for (let waited = 0; !(await so()); waited += 100) {
    if (waited > seconds * 1_000) throw new Error(`not so after ${seconds} s`);
    await setTimeout(100);
  }
}

/** Runs a pasted command in a shell; without curl on this machine, does what it says. */
export async function paste<T>(command: string): Promise<T> {
  const shell = promisify(execFile);
  const hasCurl = await shell('sh', ['-c', 'command -v curl']).then(
    () => true,
    () => false,
  );
  if (hasCurl) return JSON.parse((await shell('sh', ['-c', command])).stdout);
  const [, url = '', body = ''] = /curl -s (\S+) .* -d '(.*)'$/.exec(command) ?? [];
  const headers = [...command.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name = '', value = '']) => [name, value]);
  const answer = await request(url, { method: 'POST', headers: Object.fromEntries(headers), body });
  return JSON.parse(await answer.body.text());
}

const postmasterFile = (folder: string): string => join(folder, 'data', 'postgres', 'postmaster.pid');

export const postgresRuns = (folder: string): boolean => existsSync(postmasterFile(folder));

export async function postgresPid(folder: string): Promise<number> {
  return Number((await readFile(postmasterFile(folder), 'utf8')).split('\n')[0]);
}

/** Command lines of processes that work on this folder; where /proc is missing, nothing can be said. */
export async function processesOn(folder: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter(line => line.includes(folder));
}
