import { setTimeout } from 'node:timers/promises';
import type { Done } from './questions.js';

interface Bounds {
  readonly lanes: number;
  readonly seconds?: number;
  readonly count?: number;
  readonly perSecond?: number;
}

/** Does `one` again and again on each lane, or evenly apart over all of them. Its first failure ends all. */
export async function onLanes(bounds: Bounds, one: (place: number, lane: number) => Promise<void>): Promise<Done> {
  const { lanes, seconds = Number.POSITIVE_INFINITY, count = Number.POSITIVE_INFINITY, perSecond } = bounds;
  const latencies: number[] = [];
  const startedAt: number[] = [];
  const began = performance.now();
  let places = 0;
  const goesOn = (): boolean => places < count && performance.now() - began < seconds * 1_000;
  const work = async (lane: number): Promise<void> => {
    while (goesOn()) {
      const place = places;
      places += 1;
      if (perSecond !== undefined) {
        const waitMs = began + (place * 1_000) / perSecond - performance.now();
        if (waitMs > 0) await setTimeout(waitMs);
        startedAt[place] = Date.now();
      }
      const started = performance.now();
      await one(place, lane);
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
  return { count: latencies.length, seconds: (performance.now() - began) / 1_000, latencies, startedAt };
}
