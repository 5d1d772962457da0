/** Reproducible chance: the same seed and the same order of questions give the same answers (mulberry32). */
export class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to 1. */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** One of several, each with a rate of its own; null: none of them. */
  atMostOne<T extends string>(names: readonly T[], rates: Readonly<Record<T, number>>): T | null {
    let left = this.fraction();
    for (const name of names) {
      left -= rates[name];
      if (left < 0) return name;
    }
    return null;
  }
}
