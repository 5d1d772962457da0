const sorted = (figures: readonly number[]): readonly number[] => figures.toSorted((a, b) => a - b);

export function median(figures: readonly number[]): number {
  const inOrder = sorted(figures);
  const middle = Math.floor(inOrder.length / 2);
  const upper = inOrder[middle] ?? Number.NaN;
  return inOrder.length % 2 === 1 ? upper : (upper + (inOrder[middle - 1] ?? Number.NaN)) / 2;
}

/** The figure below which `share` of them lie (nearest rank). */
export function percentile(figures: readonly number[], share: number): number {
  const inOrder = sorted(figures);
  return inOrder[Math.max(0, Math.ceil(inOrder.length * share) - 1)] ?? Number.NaN;
}

/** Three digits that tell something. */
export function inDigits(figure: number): string {
  if (!Number.isFinite(figure)) return '–';
  if (Math.abs(figure) >= 1_000) return Math.round(figure).toLocaleString('en');
  return String(Number(figure.toPrecision(3)));
}
