import type { Bench } from '../bench.js';
import type { Result } from '../result.js';

/** One row of the table, or two that are measured together. */
export interface Row {
  readonly name: string;
  /** Seconds it takes at most, roughly, in full and with --quick: it is left out where no such time is left. */
  readonly takes: { readonly full: number; readonly quick: number };
  /** Throws where the work itself was wrong. */
  run(bench: Bench): Promise<readonly Result[]>;
}

/** The work itself, not its speed: where it is wrong, there is no figure to show. */
export function expectEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: ${found}, and it should be ${expected}`);
}
