import type { Bench } from '../bench.js';
import type { Done } from '../load/questions.js';
import type { Measurement } from '../rounds.js';

interface Bounds {
  /** The index of the first: nobody is written to twice. */
  readonly first: number;
  readonly seconds: number;
}

interface Rate {
  readonly measure: Measurement;
  /** How many in all rounds. */
  readonly count: () => number;
}

/** How many a second get through in a round; the first one is preceded by a shorter one to warm up. */
export function loadRate({ scale }: Bench, run: (bounds: Bounds) => Promise<Done>): Rate {
  let count = 0;
  const round = async (seconds: number): Promise<number> => {
    const done = await run({ first: count, seconds });
    count += done.count;
    return done.count / done.seconds;
  };
  return {
    measure: async () => {
      if (count === 0) await round(scale.warmUpSeconds);
      return round(scale.roundSeconds);
    },
    count: () => count,
  };
}
