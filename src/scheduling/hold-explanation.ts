import type { Temporal } from 'temporal-polyfill';
import type { Closing, HoldRule } from './send-window.js';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** What the territory's main clock says at the instant judged and at its release. */
export interface MainClock {
  readonly timeZone: string;
  readonly local: Temporal.PlainDateTime;
  readonly release: Temporal.PlainDateTime;
}

/** One sentence for people: what time it is where, which rule keeps the message, and until when. */
export function explainHold(policy: string, main: MainClock, closing: Closing): string {
  const clock = `It is ${inWords(main.local)} in ${main.timeZone}`;
  const elsewhere =
    closing.timeZone === main.timeZone
      ? ''
      : ` but ${inWords(closing.local)} in ${closing.timeZone}, and the number does not tell which clock is the recipient's`;
  return `${clock}${elsewhere}: ${REASONS[closing.rule](policy, closing)}, so it waits until ${inWords(main.release)} in ${main.timeZone}.`;
}

const REASONS: Readonly<Record<HoldRule, (policy: string, closing: Closing) => string>> = {
  PUBLIC_HOLIDAY: (policy, { holiday, timeZone }) =>
    `policy "${policy}" lets no commercial SMS leave on a public holiday (${holiday}, by ${timeZone})`,
  SUNDAY: (policy, { timeZone }) => `policy "${policy}" lets no commercial SMS leave on a Sunday (by ${timeZone})`,
  QUIET_HOURS: (policy, { timeZone, version }) =>
    `policy "${policy}" lets commercial SMS leave only from ${version.opens} to ${version.closes} (by ${timeZone})`,
};

function inWords(time: Temporal.PlainDateTime): string {
  const clock = time.toPlainTime().toString({ smallestUnit: 'minute', roundingMode: 'trunc' });
  return `${clock} on ${DAYS[time.dayOfWeek - 1]} ${time.day} ${MONTHS[time.month - 1]} ${time.year}`;
}
