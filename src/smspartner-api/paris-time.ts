import { Temporal } from 'temporal-polyfill';

/** SMS Partner's dates are wall clock times in France, without a zone. */
const PARIS = 'Europe/Paris';

/**
 * The instant of a wall clock time in Paris. Hour 24 is midnight at the end of the day. What the clocks skip in spring
 * moves on by the hour skipped; of what they show twice in autumn the first is meant.
 */
export function parisInstant(day: Temporal.PlainDate, clock: { readonly hour: number; readonly minute: number }): Date {
  const date = clock.hour === 24 ? day.add({ days: 1 }) : day;
  const local = date.toPlainDateTime({ hour: clock.hour % 24, minute: clock.minute });
  return new Date(local.toZonedDateTime(PARIS, { disambiguation: 'compatible' }).epochMilliseconds);
}

const inParis = (instant: Date): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(PARIS);

export const dayInParis = (instant: Date): Temporal.PlainDate => inParis(instant).toPlainDate();

/** "2018-08-18 20:00:00" */
export const writeParisTime = (instant: Date): string =>
  inParis(instant).toPlainDateTime().toString({ smallestUnit: 'second', roundingMode: 'trunc' }).replace('T', ' ');

/** "1517934416": what the vendor's lists have instead. */
export const writeUnixTime = (instant: Date): string => String(Math.floor(instant.getTime() / 1_000));

/** "21/10/2014"; null where there is no such day. */
export function readFrenchDay(text: string): Temporal.PlainDate | null {
  const [, day, month, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  if (day === undefined) return null;
  try {
    return Temporal.PlainDate.from(
      { day: Number(day), month: Number(month), year: Number(year) },
      { overflow: 'reject' },
    );
  } catch {
    return null;
  }
}
