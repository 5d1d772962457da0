import type { Category } from '../../kernel/index.js';
import type { HoldReason, SendWindows, Territory } from '../../scheduling/index.js';

/** When a submission may leave and what keeps it until then. */
export interface Departure {
  readonly state: 'SCHEDULED' | 'HELD' | 'QUEUED';
  /** Null: now. */
  readonly releaseAt: Date | null;
  readonly hold: HoldReason | null;
}

export interface Departing {
  readonly category: Category;
  readonly territory: Territory;
}

/** The law's say at an instant: null where a submission may leave. Exempt tenants send nothing commercial. */
export function holdAt(windows: SendWindows, departing: Departing, at: Date): HoldReason | null {
  return departing.category === 'COMMERCIAL' ? windows.holdAt(departing.territory, at) : null;
}

/** The first permitted departure of something asked for at `at` (null: now). A schedule that falls into quiet hours is held on. */
export function departureOf(windows: SendWindows, departing: Departing, at: Date | null, now: Date): Departure {
  const hold = holdAt(windows, departing, at ?? now);
  if (hold !== null) return { state: 'HELD', releaseAt: hold.releaseAt, hold };
  return at === null
    ? { state: 'QUEUED', releaseAt: null, hold: null }
    : { state: 'SCHEDULED', releaseAt: at, hold: null };
}
