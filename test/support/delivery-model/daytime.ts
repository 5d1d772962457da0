/** The seed's quiet hours, told by other means than the product's: working days from 08:00 to 20:00 on the recipient's clock. */
export interface Place {
  readonly phoneNumbers: readonly string[];
  readonly timeZone: string;
  /** Of 2026, as MM-DD. */
  readonly holidays: ReadonlySet<string>;
}

const NATIONAL = ['01-01', '04-06', '05-01', '05-08', '05-14', '05-25', '07-14', '08-15', '11-01', '11-11', '12-25'];

export const PLACES: readonly Place[] = [
  {
    phoneNumbers: ['+33612345671', '+33612345672', '+33612345673', '+33612345674'],
    timeZone: 'Europe/Paris',
    holidays: new Set(NATIONAL),
  },
  {
    phoneNumbers: ['+262692123451', '+262692123452'],
    timeZone: 'Indian/Reunion',
    holidays: new Set([...NATIONAL, '12-20']),
  },
];

export const PHONES: readonly string[] = PLACES.flatMap(({ phoneNumbers }) => phoneNumbers);

/** Whether a commercial SMS may leave for this number. */
export function isDaytime(phoneNumber: string, at: Date): boolean {
  const place = PLACES.find(({ phoneNumbers }) => phoneNumbers.includes(phoneNumber));
  if (place === undefined) throw new Error(`nobody lives at ${phoneNumber}`);
  const { month, day, hour, weekday } = wallClock(at, place.timeZone);
  return weekday !== 'Sun' && !place.holidays.has(`${month}-${day}`) && Number(hour) >= 8 && Number(hour) < 20;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function wallClock(at: Date, timeZone: string): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  const format =
    FORMATS.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      weekday: 'short',
      hourCycle: 'h23',
    });
  FORMATS.set(timeZone, format);
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}
