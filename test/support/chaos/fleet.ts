import { setTimeout } from 'node:timers/promises';
import { BuiltRelais } from '../built-relais.js';
import type { Clocks } from './clocks.js';

type Environment = Readonly<Record<string, string>>;

const UP = 'Relais is up';
const RESTART_AFTER_MS = 300;

/** One process of Relais that is started again whenever it ends, as an init system would. */
export class Member {
  starts = 0;
  /** Why a start came to nothing. */
  readonly failedStarts: string[] = [];
  private relais: BuiltRelais | null = null;
  private stopping = false;
  private over: Promise<void> = Promise.resolve();
  private readonly logs: string[] = [];

  constructor(
    readonly name: string,
    private readonly folder: string,
    private readonly env: Environment,
  ) {}

  keep(): void {
    this.over = this.run();
  }

  get isUp(): boolean {
    return this.relais?.stdout.includes(UP) ?? false;
  }

  kill(): void {
    this.relais?.signal('SIGKILL');
  }

  /** Stands still: its sockets stay open and its clock goes on. */
  async freeze(ms: number): Promise<void> {
    const frozen = this.relais;
    frozen?.signal('SIGSTOP');
    await setTimeout(ms);
    frozen?.signal('SIGCONT');
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.relais?.signal('SIGTERM');
    await this.over;
  }

  /** Log lines, and what else it said, of all its lives. */
  get said(): readonly string[] {
    return [...this.logs, ...(this.relais?.log ?? [])];
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.starts += 1;
      const relais = BuiltRelais.run(this.folder, this.env);
      this.relais = relais;
      await relais.ended;
      this.relais = null;
      this.logs.push(...relais.log);
      if (!relais.stdout.includes(UP) && relais.stderr !== '') this.failedStarts.push(lastLine(relais.stderr));
      await setTimeout(RESTART_AFTER_MS);
    }
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** Some processes of each role on one database. */
export class Fleet {
  private constructor(
    readonly members: readonly Member[],
    readonly addresses: readonly string[],
  ) {}

  static async start(
    folder: string,
    { ports, clocks, env }: { readonly ports: readonly number[]; readonly clocks: Clocks; readonly env: Environment },
  ): Promise<Fleet> {
    const addresses = ports.map(port => `http://127.0.0.1:${port}`);
    const members: Member[] = [];
    for (const [index, port] of ports.entries()) {
      // Receipts of each worker's calls come in by another door.
      const common = { ...env, PUBLIC_URL: addresses[index] ?? '', PORT: String(port) };
      for (const role of ['api', 'worker']) {
        const name = `${role}-${index + 1}`;
        members.push(new Member(name, folder, { ...common, ...(await clocks.environmentOf(name)), ROLE: role }));
      }
    }
    const fleet = new Fleet(members, addresses);
    for (const member of members) member.keep();
    await fleet.up();
    return fleet;
  }

  async up(seconds = 60): Promise<void> {
    for (let waited = 0; !this.members.every(({ isUp }) => isUp); waited += 100) {
      if (waited > seconds * 1_000) {
        const down = this.members.filter(({ isUp }) => !isUp).map(({ name }) => name);
        throw new Error(`not up after ${seconds} s: ${down.join(', ')}`);
      }
      await setTimeout(100);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(member => member.stop()));
  }
}
