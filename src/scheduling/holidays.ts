import { Temporal } from 'temporal-polyfill';
import { easterSunday } from './easter.js';
import type { Territory } from './territory.js';

interface Holiday {
  readonly name: string;
  readonly on: (year: number) => Temporal.PlainDate;
  /** First and last year, where a text changed the list. */
  readonly from?: number;
  readonly until?: number;
}

const fixed = (month: number, day: number) => (year: number) => Temporal.PlainDate.from({ year, month, day });

const fromEaster = (days: number) => (year: number) => easterSunday(year).add({ days });

const lastFridayOfNovember = (year: number) => {
  const last = Temporal.PlainDate.from({ year, month: 11, day: 30 });
  return last.subtract({ days: (last.dayOfWeek + 2) % 7 });
};

/** Code du travail L3133-1. The overseas labour codes name the same eleven. */
const NATIONAL: readonly Holiday[] = [
  { name: "Jour de l'An", on: fixed(1, 1) },
  { name: 'Lundi de Pâques', on: fromEaster(1) },
  { name: 'Fête du Travail', on: fixed(5, 1) },
  { name: 'Victoire 1945', on: fixed(5, 8) },
  { name: 'Ascension', on: fromEaster(39) },
  { name: 'Lundi de Pentecôte', on: fromEaster(50) },
  { name: 'Fête nationale', on: fixed(7, 14) },
  { name: 'Assomption', on: fixed(8, 15) },
  { name: 'Toussaint', on: fixed(11, 1) },
  { name: 'Armistice 1918', on: fixed(11, 11) },
  { name: 'Noël', on: fixed(12, 25) },
];

/** Code du travail L3422-2; loi 83-550 of 30 June 1983; dates in décret 83-1003, amended by décret 2012-553. */
const abolition = (month: number, day: number): Holiday => ({
  name: "Abolition de l'esclavage",
  on: fixed(month, day),
});

const GOOD_FRIDAY: Holiday = { name: 'Vendredi saint', on: fromEaster(-2) };

/** When in doubt a day is a holiday, in every year: holding is the safe error. */
const LOCAL: Readonly<Record<Territory, readonly Holiday[]>> = {
  METROPOLE: [],
  // Code du travail L3134-13. Good Friday only in communes with a Protestant church: no number tells which.
  ALSACE_MOSELLE: [GOOD_FRIDAY, { name: 'Saint-Étienne', on: fixed(12, 26) }],
  // Good Friday is custom in Guadeloupe and Martinique, and libraries list it; neither L3133-1 nor L3422-2 does.
  GUADELOUPE: [abolition(5, 27)],
  MARTINIQUE: [abolition(5, 22)],
  GUYANE: [abolition(6, 10)],
  REUNION: [abolition(12, 20)],
  MAYOTTE: [abolition(4, 27)],
  SAINT_PIERRE_ET_MIQUELON: [],
  SAINT_BARTHELEMY: [abolition(10, 9)],
  // The decree says 27 May; since the circular of 4 May 2018 the prefecture observes 28 May. Both are held.
  SAINT_MARTIN: [abolition(5, 27), abolition(5, 28)],
  // Code du travail de Nouvelle-Calédonie.
  NOUVELLE_CALEDONIE: [{ name: 'Fête de la citoyenneté', on: fixed(9, 24) }],
  // Code du travail de la Polynésie française; loi du pays adopted on 6 May 2025 (rapport 23-2025): Matari'i on
  // 20 November in place of 29 June. Its first drafts said the last Friday of November, and sources still differ on the
  // date and on the first year, so both dates are held from 2025 (29 June 2025 was a Sunday).
  POLYNESIE_FRANCAISE: [
    { name: "Arrivée de l'Évangile", on: fixed(3, 5) },
    GOOD_FRIDAY,
    { name: "Fête de l'autonomie", on: fixed(6, 29), until: 2024 },
    { name: "Matari'i", on: fixed(11, 20), from: 2025 },
    { name: "Matari'i", on: lastFridayOfNovember, from: 2025 },
  ],
  // Under its own labour code (loi 52-1322), whose list was not found: what the public lists name. 29 June is in doubt:
  // date-holidays 3.37 and Nager.Date have it, the older public lists and etalab/jours-feries-france have not.
  WALLIS_ET_FUTUNA: [
    { name: 'Saint Pierre Chanel', on: fixed(4, 28) },
    { name: 'Saints Pierre et Paul', on: fixed(6, 29) },
    { name: 'Fête du Territoire', on: fixed(7, 29) },
  ],
  // Judged by the holidays of METROPOLE, whatever clock is configured.
  ABROAD: [],
};

const MEMO_LIMIT = 1_000;
const memo = new Map<string, ReadonlyMap<string, string>>();

/** The public holidays of a territory in a year: ISO date to French name, in the order of the calendar. */
export function holidaysOf(territory: Territory, year: number): ReadonlyMap<string, string> {
  const key = `${territory} ${year}`;
  const known = memo.get(key);
  if (known) return known;
  if (memo.size >= MEMO_LIMIT) memo.clear();
  const computed = compute(territory, year);
  memo.set(key, computed);
  return computed;
}

/** The name of the public holiday that a local date is in a territory, null when it is none. */
export const holidayOn = (territory: Territory, date: Temporal.PlainDate): string | null =>
  holidaysOf(territory, date.year).get(date.toString()) ?? null;

function compute(territory: Territory, year: number): ReadonlyMap<string, string> {
  const days = new Map<string, string>();
  for (const { name, on, from = -Infinity, until = Infinity } of [...NATIONAL, ...LOCAL[territory]]) {
    if (year < from || year > until) continue;
    const date = on(year).toString();
    const other = days.get(date);
    // Two feasts may meet: Ascension was on 1 May in 2008.
    days.set(date, other === undefined ? name : `${other} et ${name}`);
  }
  return new Map([...days].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
