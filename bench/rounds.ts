/** One round's figure. */
export type Measurement = () => Promise<number>;

export interface Rounds {
  readonly floor: readonly number[];
  readonly measured: readonly number[];
}

/** Floor and measurement in turn: what disturbs the machine for a while meets both. */
export async function inTurn(
  rounds: number,
  { floor, measured }: { readonly floor: Measurement; readonly measured: Measurement },
): Promise<Rounds> {
  const taken: { floor: number[]; measured: number[] } = { floor: [], measured: [] };
  for (let round = 1; round <= rounds; round += 1) {
    taken.floor.push(await floor());
    taken.measured.push(await measured());
  }
  return taken;
}
