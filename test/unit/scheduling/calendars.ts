import type { Territory } from '../../../src/scheduling/index.js';

/** Copied from published tables, not computed: month and day of Easter Sunday. */
export const PUBLISHED_EASTERS: Readonly<Record<number, string>> = {
  2016: '03-27',
  2017: '04-16',
  2018: '04-01',
  2019: '04-21',
  2020: '04-12',
  2021: '04-04',
  2022: '04-17',
  2023: '04-09',
  2024: '03-31',
  2025: '04-20',
  2026: '04-05',
  2027: '03-28',
  2028: '04-16',
  2029: '04-01',
  2030: '04-21',
  2031: '04-13',
  2032: '03-28',
  2033: '04-17',
  2034: '04-09',
  2035: '03-25',
};

const EVERYWHERE_2026 = [
  "2026-01-01 Jour de l'An",
  '2026-04-06 Lundi de Pâques',
  '2026-05-01 Fête du Travail',
  '2026-05-08 Victoire 1945',
  '2026-05-14 Ascension',
  '2026-05-25 Lundi de Pentecôte',
  '2026-07-14 Fête nationale',
  '2026-08-15 Assomption',
  '2026-11-01 Toussaint',
  '2026-11-11 Armistice 1918',
  '2026-12-25 Noël',
];

const and = (...local: string[]) => [...EVERYWHERE_2026, ...local].toSorted();

/** Every public holiday of 2026, written by hand from the texts. */
export const HOLIDAYS_2026: Readonly<Record<Territory, readonly string[]>> = {
  METROPOLE: and(),
  ALSACE_MOSELLE: and('2026-04-03 Vendredi saint', '2026-12-26 Saint-Étienne'),
  GUADELOUPE: and("2026-05-27 Abolition de l'esclavage"),
  MARTINIQUE: and("2026-05-22 Abolition de l'esclavage"),
  GUYANE: and("2026-06-10 Abolition de l'esclavage"),
  REUNION: and("2026-12-20 Abolition de l'esclavage"),
  MAYOTTE: and("2026-04-27 Abolition de l'esclavage"),
  SAINT_PIERRE_ET_MIQUELON: and(),
  SAINT_BARTHELEMY: and("2026-10-09 Abolition de l'esclavage"),
  SAINT_MARTIN: and("2026-05-27 Abolition de l'esclavage", "2026-05-28 Abolition de l'esclavage"),
  NOUVELLE_CALEDONIE: and('2026-09-24 Fête de la citoyenneté'),
  POLYNESIE_FRANCAISE: and(
    "2026-03-05 Arrivée de l'Évangile",
    '2026-04-03 Vendredi saint',
    "2026-11-20 Matari'i",
    "2026-11-27 Matari'i",
  ),
  WALLIS_ET_FUTUNA: and(
    '2026-04-28 Saint Pierre Chanel',
    '2026-06-29 Saints Pierre et Paul',
    '2026-07-29 Fête du Territoire',
  ),
  ABROAD: and(),
};

/** What a wall clock shows, by Intl: a second opinion that shares no code with Temporal or with the rule. */
export function wallClock(timeZone: string, instant: Date) {
  let format = formats.get(timeZone);
  if (!format) formats.set(timeZone, (format = formatOf(timeZone)));
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '';
  return {
    year: Number(part('year')),
    date: `${part('year')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}:${part('second')}`,
    weekday: part('weekday'),
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (timeZone: string) =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'long',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
