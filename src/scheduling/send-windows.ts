import { Temporal } from 'temporal-polyfill';
import { explainHold } from './hold-explanation.js';
import type { SendPolicy } from './send-policy.js';
import { sendPolicy } from './send-policy.js';
import type { Closing, HoldRule, Span, ZoneRule } from './send-window.js';
import { closingOf, firstCommonSpan, HOLD_RULES, localTime } from './send-window.js';
import { TERRITORY_ZONES } from './territory-zones.js';
import type { Territory } from './territory.js';

/** Why a commercial SMS waits, told so that it can be shown as it is. */
export interface HoldReason {
  readonly rule: HoldRule;
  readonly policy: string;
  readonly territory: Territory;
  readonly timeZone: string;
  /** Local wall clock of the instant that was judged: "2026-01-03T20:30:00". */
  readonly localTime: string;
  readonly holiday: string | null;
  /** The next opening. */
  readonly releaseAt: Date;
  readonly explanation: string;
}

/** Half-open: it is open at `opensAt` and closed at `closesAt`. */
export interface SendWindow {
  readonly territory: Territory;
  readonly policy: string;
  readonly timeZone: string;
  readonly open: boolean;
  /** Open: when the present window opened. Closed: the next opening. */
  readonly opensAt: Date;
  /** When that window closes. */
  readonly closesAt: Date;
  readonly closedBecause: HoldRule | null;
  readonly holiday: string | null;
}

export interface SendWindowSettings {
  /** One of SEND_POLICIES. */
  readonly policy: string;
  /** The clock for numbers that are not French; their holidays are those of METROPOLE. */
  readonly abroadTimeZone: string;
}

/** What holds for a whole minute: every opening, closing and clock change falls on a whole minute. */
interface Judgement extends Span {
  readonly timeZone: string;
  readonly localMinute: string;
  readonly hold: { readonly closing: Closing; readonly explanation: string } | null;
}

const MINUTE = 60_000;
const MEMO_LIMIT = 1_000;

/** Says when a commercial SMS may leave for a territory, and if not now, why and when. Knows when, not what. */
export class SendWindows {
  private readonly policy: SendPolicy;
  private readonly abroadTimeZone: string;
  private readonly memo = new Map<string, Judgement>();

  constructor(settings: SendWindowSettings) {
    this.policy = sendPolicy(settings.policy);
    this.abroadTimeZone = knownTimeZone(settings.abroadTimeZone);
  }

  at(territory: Territory, instant: Date): SendWindow {
    const { timeZone, opens, closes, hold } = this.judge(territory, instant);
    return {
      territory,
      policy: this.policy.name,
      timeZone,
      open: hold === null,
      opensAt: new Date(opens),
      closesAt: new Date(closes),
      closedBecause: hold?.closing.rule ?? null,
      holiday: hold?.closing.holiday ?? null,
    };
  }

  isOpen(territory: Territory, instant: Date): boolean {
    return this.judge(territory, instant).hold === null;
  }

  /** Null when it may leave now. */
  holdAt(territory: Territory, instant: Date): HoldReason | null {
    const { timeZone, opens, localMinute, hold } = this.judge(territory, instant);
    if (hold === null) return null;
    return {
      rule: hold.closing.rule,
      policy: this.policy.name,
      territory,
      timeZone,
      localTime: `${localMinute}:${secondOfMinute(instant)}`,
      holiday: hold.closing.holiday,
      releaseAt: new Date(opens),
      explanation: hold.explanation,
    };
  }

  /**
   * A hold by the provider's own quiet hours, which it does not tell: it is asked again `afterMs` from now, or at the next
   * opening where our own window is closed then.
   */
  holdForProvider(territory: Territory, instant: Date, afterMs: number): HoldReason {
    const { timeZone, localMinute } = this.judge(territory, instant);
    const again = new Date(instant.getTime() + afterMs);
    const releaseAt = this.holdAt(territory, again)?.releaseAt ?? again;
    return {
      rule: 'QUIET_HOURS',
      policy: 'provider',
      territory,
      timeZone,
      localTime: `${localMinute}:${secondOfMinute(instant)}`,
      holiday: null,
      releaseAt,
      explanation: `The provider does not take commercial SMS at this hour; it is asked again at ${releaseAt.toISOString()}.`,
    };
  }

  private judge(territory: Territory, instant: Date): Judgement {
    const minute = Math.floor(instant.getTime() / MINUTE);
    const key = `${territory} ${minute}`;
    const known = this.memo.get(key);
    if (known) return known;
    const judgement = this.judgeMinute(territory, minute * MINUTE);
    if (this.memo.size >= MEMO_LIMIT) this.memo.clear();
    this.memo.set(key, judgement);
    return judgement;
  }

  private judgeMinute(territory: Territory, at: number): Judgement {
    const [timeZone, ...others] = territory === 'ABROAD' ? [this.abroadTimeZone] : TERRITORY_ZONES[territory];
    const zones: ZoneRule[] = [timeZone, ...others].map(zone => ({ territory, timeZone: zone, policy: this.policy }));
    const span = firstCommonSpan(zones, at);
    const local = localTime(timeZone, at);
    const closing = span.opens <= at ? null : strongest(zones.map(zone => closingOf(zone, at)));
    const main = { timeZone, local, release: localTime(timeZone, span.opens) };
    return {
      ...span,
      timeZone,
      localMinute: local.toString({ smallestUnit: 'minute' }),
      hold: closing && { closing, explanation: explainHold(this.policy.name, main, closing) },
    };
  }
}

/** Where zones differ, the strongest rule is told; of equals, that of the main zone. */
function strongest(closings: readonly (Closing | null)[]): Closing | null {
  for (const rule of HOLD_RULES) {
    const closing = closings.find(candidate => candidate?.rule === rule);
    if (closing) return closing;
  }
  return null;
}

const secondOfMinute = (instant: Date) => instant.toISOString().slice(-7, -5);

function knownTimeZone(timeZone: string): string {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
    return timeZone;
  } catch (cause) {
    throw new Error(`Unknown time zone "${timeZone}". Use an IANA name, such as Europe/Paris.`, { cause });
  }
}
