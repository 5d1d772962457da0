import { Temporal } from 'temporal-polyfill';
import { holidayOn } from './holidays.js';
import type { SendPolicy, SendPolicyVersion } from './send-policy.js';
import { versionOn } from './send-policy.js';
import type { Territory } from './territory.js';

/** Why a commercial SMS may not leave; where several apply, the first is told. */
export const HOLD_RULES = ['PUBLIC_HOLIDAY', 'SUNDAY', 'QUIET_HOURS'] as const;
export type HoldRule = (typeof HOLD_RULES)[number];

/** One clock of a territory: whose holidays, which wall clock, which policy. */
export interface ZoneRule {
  readonly territory: Territory;
  readonly timeZone: string;
  readonly policy: SendPolicy;
}

/** Half-open, in epoch milliseconds. */
export interface Span {
  readonly opens: number;
  readonly closes: number;
}

/** What keeps one zone closed at an instant, and what its clock says then. */
export interface Closing {
  readonly rule: HoldRule;
  readonly holiday: string | null;
  readonly timeZone: string;
  readonly local: Temporal.PlainDateTime;
  readonly version: SendPolicyVersion;
}

const SEARCH_DAYS = 30;
const SEARCH_MS = SEARCH_DAYS * 24 * 3_600_000;

export const localTime = (timeZone: string, at: number): Temporal.PlainDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDateTime();

/** The first span that is open in every zone at once and ends after `at`: the present one, or the next. */
export function firstCommonSpan(zones: readonly ZoneRule[], at: number): Span {
  let from = at;
  while (from - at <= SEARCH_MS) {
    const spans = zones.map(zone => firstSpan(zone, from));
    const opens = Math.max(...spans.map(span => span.opens));
    const closes = Math.min(...spans.map(span => span.closes));
    if (opens < closes) return { opens, closes };
    from = closes;
  }
  throw noOpening(zones.map(zone => zone.timeZone).join(', '), at);
}

/** Null when the zone is open. */
export function closingOf(zone: ZoneRule, at: number): Closing | null {
  if (firstSpan(zone, at).opens <= at) return null;
  const { timeZone } = zone;
  const local = localTime(timeZone, at);
  const day = dayOf(zone, local.toPlainDate());
  return { rule: day.closedBy ?? 'QUIET_HOURS', holiday: day.holiday, timeZone, local, version: day.version };
}

function firstSpan(zone: ZoneRule, at: number): Span {
  const today = localTime(zone.timeZone, at).toPlainDate();
  for (let ahead = 0; ahead <= SEARCH_DAYS; ahead++) {
    const span = spanOn(zone, today.add({ days: ahead }));
    if (span !== null && span.closes > at) return span;
  }
  throw noOpening(zone.timeZone, at);
}

function spanOn(zone: ZoneRule, date: Temporal.PlainDate): Span | null {
  const { closedBy, version } = dayOf(zone, date);
  if (closedBy !== null) return null;
  // Wall-clock times of the date itself: minutes added to midnight are wrong on the days when clocks change.
  const at = (plainTime: string) => date.toZonedDateTime({ timeZone: zone.timeZone, plainTime }).epochMilliseconds;
  return { opens: at(version.opens), closes: at(version.closes) };
}

function dayOf({ territory, policy }: ZoneRule, date: Temporal.PlainDate) {
  const version = versionOn(policy, date);
  const holiday = version.holidays ? null : holidayOn(territory, date);
  const permitted: readonly number[] = version.days;
  const onSunday = permitted.includes(date.dayOfWeek) ? null : ('SUNDAY' as const);
  return { version, holiday, closedBy: holiday === null ? onSunday : ('PUBLIC_HOLIDAY' as const) };
}

const noOpening = (zones: string, at: number) =>
  new Error(`No opening within ${SEARCH_DAYS} days of epoch millisecond ${at} in ${zones}.`);
