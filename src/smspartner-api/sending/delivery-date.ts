import { Temporal } from 'temporal-polyfill';
import type { Problem } from '../../messaging/index.js';
import { dayInParis, parisInstant, readFrenchDay } from '../paris-time.js';
import { INVALID, wholeNumberOf, wordOf } from '../wire/loose-values.js';
import type { Values } from '../wire/read-values.js';
import { edgeProblem } from './edge-problems.js';

export interface DeliveryDate {
  /** Null: none asked for, or none that can be. */
  readonly at: Date | null;
  /** As asked, for the sentence about a date that is past: "21/11/2014 à 09:05". */
  readonly moment: string;
  readonly problems: readonly Problem[];
}

const NONE: DeliveryDate = { at: null, moment: '', problems: [] };

/**
 * `scheduledDeliveryDate` (dd/mm/YYYY), `time` (0–24) and `minute` (0–55, by five), page "Envoi unitaire", "Paramètres
 * optionnels". Without a date the other two mean nothing. Where one of the two is missing it is 0: real clients leave out
 * zeros. Whether the instant is past is messaging's to judge, so that what was accepted once is answered again.
 */
export function readDeliveryDate(values: Values, now: Date): DeliveryDate {
  const date = wordOf(values['scheduledDeliveryDate']);
  if (date === null) return NONE;
  const day = date === INVALID ? null : readFrenchDay(date);
  const clock = readClock(values);
  const moment = `${date === INVALID ? '' : date} à ${clock.asked}`;
  if (day === null) return { at: null, moment, problems: [edgeProblem(['at'], 'DATE_INVALID'), ...clock.problems] };
  if (clock.problems.length === 0) return { at: parisInstant(day, clock), moment, problems: [] };
  const past = Temporal.PlainDate.compare(day, dayInParis(now)) < 0;
  return { at: null, moment, problems: [...(past ? [edgeProblem(['at'], 'DATE_PAST')] : []), ...clock.problems] };
}

interface Clock {
  readonly hour: number;
  readonly minute: number;
  /** "09:05"; ":" where nothing was given. */
  readonly asked: string;
  readonly problems: readonly Problem[];
}

function readClock(values: Values): Clock {
  const hour = wholeNumberOf(values['time']);
  const minute = wholeNumberOf(values['minute']);
  if (hour === null && minute === null) {
    const problems = [edgeProblem(['minute'], 'MINUTE_REQUIRED'), edgeProblem(['time'], 'HOUR_REQUIRED')];
    return { hour: 0, minute: 0, asked: ':', problems };
  }
  const read = { hour: hour === INVALID ? 0 : (hour ?? 0), minute: minute === INVALID ? 0 : (minute ?? 0) };
  const problems: Problem[] = [];
  if (minute === INVALID || read.minute > 55 || read.minute % 5 !== 0)
    problems.push(edgeProblem(['minute'], 'MINUTE_INVALID'));
  if (hour === INVALID || read.hour > 24 || (read.hour === 24 && read.minute > 0))
    problems.push(edgeProblem(['time'], 'HOUR_INVALID'));
  return { ...read, asked: `${twoDigits(read.hour)}:${twoDigits(read.minute)}`, problems };
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');
