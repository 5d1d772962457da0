/** How much one may do: `perSecond` in the long run, `burst` at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** How many are remembered; the one not heard of for longest is forgotten first, so memory is bounded whoever calls. */
const REMEMBERED = 20_000;

/**
 * Token buckets by name, in the memory of this process: N processes allow N times as much. Kept as the instant at which a
 * bucket is full again (GCRA), one number each. `perSecond` 0: no limit.
 */
export class Allowances {
  private readonly fullAt = new Map<string, number>();
  private readonly eachMs: number;
  private readonly roomMs: number;

  constructor(
    { perSecond, burst }: Rate,
    private readonly remembered = REMEMBERED,
  ) {
    this.eachMs = perSecond === 0 ? 0 : 1_000 / perSecond;
    this.roomMs = this.eachMs * burst;
  }

  /** Takes one: 0 where there was one, else in how many milliseconds there is. Nothing is taken then. */
  take(name: string, now: Date): number {
    if (this.eachMs === 0) return 0;
    const at = now.getTime();
    const fullAt = this.since(name, at) + this.eachMs;
    const wait = fullAt - at - this.roomMs;
    if (wait > 0) return wait;
    this.remember(name, fullAt);
    return 0;
  }

  /** Puts back what was taken for nothing. */
  giveBack(name: string, now: Date): void {
    const at = now.getTime();
    const fullAt = this.since(name, at) - this.eachMs;
    if (fullAt <= at) this.fullAt.delete(name);
    else this.remember(name, fullAt);
  }

  /** How many are remembered now. */
  get size(): number {
    return this.fullAt.size;
  }

  private since(name: string, at: number): number {
    const fullAt = Math.max(this.fullAt.get(name) ?? at, at);
    // No bucket is emptier than empty: the clock went back. It begins anew, since nobody asked for too much by that.
    return fullAt <= at + this.roomMs ? fullAt : at;
  }

  private remember(name: string, fullAt: number): void {
    this.fullAt.delete(name);
    this.fullAt.set(name, fullAt);
    if (this.fullAt.size <= this.remembered) return;
    const [oldest] = this.fullAt.keys();
    if (oldest !== undefined) this.fullAt.delete(oldest);
  }
}
