import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { eventually } from '../built-relais.js';
import type { BookedSms } from './judge.js';

const MAIN = fileURLToPath(new URL('../../../dist/src/misbehaving-provider/main.js', import.meta.url));

export interface Book {
  readonly sms: readonly BookedSms[];
  /** How many calls met which fault. */
  readonly calls: Readonly<Record<string, number>>;
}

/** The misbehaving provider as a process of its own. */
export class ProviderProcess {
  private constructor(
    private readonly child: ChildProcessByStdio<null, Readable, null>,
    readonly url: string,
  ) {}

  static async start(flags: readonly string[]): Promise<ProviderProcess> {
    const child = spawn(process.execPath, [MAIN, '--port', '0', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await eventually(() => said.includes('Misbehaving provider:'), 15);
    return new ProviderProcess(child, /http:\S+/.exec(said)?.[0] ?? '');
  }

  async book(): Promise<Book> {
    const answer = await request(`${this.url}/book`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the program beside us answers
    return (await answer.body.json()) as Book;
  }

  async faults(rates: Readonly<Record<string, number>>): Promise<void> {
    const { statusCode, body } = await request(`${this.url}/faults`, { method: 'POST', body: JSON.stringify(rates) });
    const told = await body.text();
    if (statusCode !== 200) throw new Error(told);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }
}
