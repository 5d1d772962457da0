import { setTimeout } from 'node:timers/promises';
import type { Chance } from '../../../src/misbehaving-provider/chance.js';
import type { Clocks } from './clocks.js';
import type { Fleet, Member } from './fleet.js';
import type { KillablePostgres } from './killable-postgres.js';
import type { ProviderProcess } from './provider-process.js';

const PAUSE_MS = { least: 700, most: 2_200 };
/**
 * Clocks that run ahead make a grace of seconds shorter than it is; the real one has ten minutes. Between two steps any call
 * is over, late booking included.
 */
const BETWEEN_STEPS_MS = 6_000;

interface Stage {
  readonly fleet: Fleet;
  readonly postgres: KillablePostgres;
  readonly provider: ProviderProcess;
  readonly clocks: Clocks;
  readonly chance: Chance;
}

/** How often each of them comes in a round, whose order is chance's. */
const ROUND = {
  'kill a process': 4,
  'kill PostgreSQL': 2,
  'freeze a process': 1,
  'freeze the provider': 1,
  'clocks forward': 2,
  'clocks back': 1,
  'a clock astray': 1,
} as const;

type Deed = keyof typeof ROUND;

const DEEDS = [
  'kill a process',
  'kill PostgreSQL',
  'freeze a process',
  'freeze the provider',
  'clocks forward',
  'clocks back',
  'a clock astray',
] as const satisfies readonly Deed[];

/** Does what happens to machines, one thing after the other. */
export class Mischief {
  readonly counts = new Map<string, number>();
  private steppedAt = -Infinity;
  private round: Deed[] = [];
  private readonly thawing: Promise<void>[] = [];

  constructor(private readonly stage: Stage) {}

  async for(seconds: number): Promise<void> {
    const { chance } = this.stage;
    const end = performance.now() + seconds * 1_000;
    while (performance.now() < end) {
      await setTimeout(PAUSE_MS.least + chance.below(PAUSE_MS.most - PAUSE_MS.least));
      await this.do(this.next());
    }
    await Promise.all(this.thawing);
  }

  private next(): Deed {
    if (this.round.length === 0) this.round = this.shuffled();
    const tooSoon = performance.now() - this.steppedAt < BETWEEN_STEPS_MS;
    const at = tooSoon ? this.round.findIndex(deed => deed !== 'clocks forward') : 0;
    return this.round.splice(Math.max(at, 0), at === -1 ? 0 : 1)[0] ?? 'kill a process';
  }

  private shuffled(): Deed[] {
    const { chance } = this.stage;
    const drawn = DEEDS.flatMap(deed =>
      Array.from({ length: ROUND[deed] }, () => ({ deed, place: chance.fraction() })),
    );
    return drawn.toSorted((a, b) => a.place - b.place).map(({ deed }) => deed);
  }

  private async do(deed: Deed): Promise<void> {
    const { chance, clocks, postgres } = this.stage;
    switch (deed) {
      case 'kill a process':
        this.victim().kill();
        break;
      case 'kill PostgreSQL':
        await postgres.kill();
        await setTimeout(chance.below(600));
        await postgres.start();
        break;
      case 'freeze a process':
        this.thawing.push(this.victim().freeze(300 + chance.below(1_700)));
        break;
      case 'freeze the provider':
        await this.freezeProvider(200 + chance.below(800));
        break;
      case 'clocks forward':
        // Leases end, and what has just come into doubt is looked up at once.
        await clocks.step(62_000 + chance.below(30_000));
        this.steppedAt = performance.now();
        break;
      case 'clocks back':
        await clocks.step(-5_000 - chance.below(15_000));
        break;
      case 'a clock astray':
        // Little against the grace of seconds, as minutes are against the real one.
        await clocks.skew(this.victim().name, chance.below(1_000) - 500);
        break;
    }
    this.counts.set(deed, (this.counts.get(deed) ?? 0) + 1);
  }

  private victim(): Member {
    const { members } = this.stage.fleet;
    const member = members[this.stage.chance.below(members.length)];
    if (member === undefined) throw new Error('nobody is there');
    return member;
  }

  private async freezeProvider(ms: number): Promise<void> {
    this.stage.provider.signal('SIGSTOP');
    await setTimeout(ms);
    this.stage.provider.signal('SIGCONT');
  }
}
