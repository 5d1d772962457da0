export interface Settings {
  /** One minute instead of five: fewer and shorter rounds, smaller sizes. */
  readonly quick: boolean;
  /** The rows to run; null: all. */
  readonly only: readonly string[] | null;
  /** Servers write a CPU profile when they end. */
  readonly cpuProf: boolean;
}

/** How long and how large: what a row needs to know of `--quick`. */
export interface Scale {
  readonly rounds: number;
  readonly roundSeconds: number;
  readonly warmUpSeconds: number;
  /** Deliveries in the large database of the queries, and in the small one. */
  readonly large: number;
  readonly small: number;
  readonly queries: number;
  readonly held: number;
  readonly releaseSeconds: number;
  readonly starts: number;
  /** All rows together. */
  readonly totalSeconds: number;
}

const FULL: Scale = {
  rounds: 3,
  roundSeconds: 2.5,
  warmUpSeconds: 4,
  large: 1_000_000,
  small: 10_000,
  queries: 500,
  held: 100_000,
  releaseSeconds: 30,
  starts: 3,
  totalSeconds: 300,
};

const QUICK: Scale = {
  rounds: 2,
  roundSeconds: 0.8,
  warmUpSeconds: 0.5,
  large: 30_000,
  small: 2_000,
  queries: 60,
  held: 3_000,
  releaseSeconds: 4,
  starts: 1,
  totalSeconds: 60,
};

export const scaleOf = ({ quick }: Settings): Scale => (quick ? QUICK : FULL);

const USAGE = (rows: readonly string[]): string =>
  `npm run bench -- [--quick] [--only <row>]… [--cpu-prof]\nRows: ${rows.join(', ')}`;

/** Throws with how it is used. */
export function readSettings(given: readonly string[], rows: readonly string[]): Settings {
  const only: string[] = [];
  const flags = new Set<string>();
  for (const [index, word] of given.entries()) {
    if (given[index - 1] === '--only' && rows.includes(word)) only.push(word);
    else if (['--quick', '--only', '--cpu-prof'].includes(word)) flags.add(word);
    else throw new Error(`"${word}" is not known\n${USAGE(rows)}`);
  }
  if (flags.has('--only') && only.length === 0) throw new Error(`--only needs the name of a row\n${USAGE(rows)}`);
  return { quick: flags.has('--quick'), only: only.length === 0 ? null : only, cpuProf: flags.has('--cpu-prof') };
}
