import { inDigits, median } from './figures.js';
import type { Result, Series } from './result.js';

const HEAD = ['Row', 'Measured', 'Floor', 'Ratio', 'Aim', 'Met'] as const;

/** In Markdown, columns in line: the same on the screen and in the README. */
export function tableOf(results: readonly Result[]): string {
  const lines = [HEAD, ...results.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map(cells => (cells[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map(width => '-'.repeat(width)));
  return [line(HEAD), rule, ...lines.slice(1).map(line)].join('\n');
}

function cellsOf({ row, measured, floor, ratio, aim, met }: Result): readonly string[] {
  const ratioText = ratio === null ? '' : inDigits(ratio);
  return [row, seriesText(measured), floor === null ? '' : seriesText(floor), ratioText, aim, metText(met)];
}

function metText(met: boolean | null): string {
  if (met === null) return '?';
  return met ? 'yes' : 'no';
}

/** The median, and the spread where there were several rounds. */
function seriesText({ what, unit, rounds }: Series): string {
  const spread = rounds.length > 1 ? ` (${inDigits(Math.min(...rounds))}–${inDigits(Math.max(...rounds))})` : '';
  return `${what} ${inDigits(median(rounds))}${spread} ${unit}`.trim();
}

export const notesOf = (results: readonly Result[]): readonly string[] =>
  results.flatMap(({ row, notes }) => notes.map(note => `${row}: ${note}`));
