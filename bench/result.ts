import { median } from './figures.js';

/** A figure of each round. */
export interface Series {
  readonly what: string;
  readonly unit: string;
  readonly rounds: readonly number[];
}

/** One line of the table. */
export interface Result {
  readonly row: string;
  readonly measured: Series;
  /** Taken in the same run, round by round in turn; null where the aim is a plain figure. */
  readonly floor: Series | null;
  /** The measured figure's median over the floor's. */
  readonly ratio: number | null;
  readonly aim: string;
  /** Null: cannot be told, e.g. because time ran out. */
  readonly met: boolean | null;
  readonly notes: readonly string[];
  /** For the file only. */
  readonly details?: object;
}

export interface Aim {
  readonly says: string;
  readonly met: (figure: number) => boolean;
}

export const atLeast = (figure: number): Aim => ({ says: `≥ ${figure}`, met: ratio => ratio >= figure });
export const atMost = (figure: number, unit = ''): Aim => ({
  says: `≤ ${figure}${unit}`,
  met: measured => measured <= figure,
});

/** A row judged by the ratio to its floor. */
export function overFloor(
  row: string,
  { measured, floor }: { readonly measured: Series; readonly floor: Series },
  aim: Aim,
  notes: readonly string[] = [],
): Result {
  const ratio = median(measured.rounds) / median(floor.rounds);
  return { row, measured, floor, ratio, aim: aim.says, met: aim.met(ratio), notes };
}

/** A row judged by its own figure. */
export const plain = (row: string, measured: Series, aim: Aim, notes: readonly string[] = []): Result => ({
  row,
  measured,
  floor: null,
  ratio: null,
  aim: aim.says,
  met: aim.met(median(measured.rounds)),
  notes,
});
