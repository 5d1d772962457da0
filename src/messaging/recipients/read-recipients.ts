import type { Territory } from '../../scheduling/index.js';
import { readPhoneNumber } from './phone-number.js';
import { territoriesPermittedBy, territoryOf } from './recipient-territory.js';

export interface Recipient {
  /** E.164. */
  readonly phoneNumber: string;
  readonly territory: Territory;
}

export interface RecipientProblem {
  /** Points into the input: `["to", "3"]`. */
  readonly path: readonly string[];
  readonly code: string;
  readonly message: string;
}

export type RecipientList =
  | { readonly ok: true; readonly recipients: readonly Recipient[] }
  | { readonly ok: false; readonly problems: readonly RecipientProblem[] };

const MOST_RECIPIENTS = 10_000;
/** Before doubles are taken out: more than that is not read at all. */
const MOST_ENTRIES = 2 * MOST_RECIPIENTS;

/**
 * Reads a whole list: every number in E.164 with its territory, each number once, in the order of first mention; or every
 * mistake with its place.
 *
 * The sender's hint applies to the numbers that permit it; the others of a mixed list keep their own territory. A hint that
 * no number permits is refused. It is judged once every number reads: a number still to be mended might permit it.
 */
export function readRecipients(to: readonly string[], hint: Territory | null): RecipientList {
  if (to.length === 0) return refused('RECIPIENTS_REQUIRED', 'Give at least one recipient, as in ["+33612345678"].');
  if (to.length > MOST_ENTRIES) return tooMany(to.length);
  const { phoneNumbers, problems } = readPhoneNumbers(to);
  if (problems.length > 0) return { ok: false, problems };
  if (phoneNumbers.length > MOST_RECIPIENTS) return tooMany(phoneNumbers.length);
  const problem = hintProblem(phoneNumbers, hint);
  if (problem !== null) return { ok: false, problems: [problem] };
  return {
    ok: true,
    recipients: phoneNumbers.map(phoneNumber => ({ phoneNumber, territory: placeOf(phoneNumber, hint) })),
  };
}

/** Where each number stands first in a list that reads: for a mistake found later, such as a missing price. */
export function positionsOf(to: readonly string[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const [index, raw] of to.entries()) {
    const reading = readPhoneNumber(raw);
    if (reading.ok && !positions.has(reading.e164)) positions.set(reading.e164, index);
  }
  return positions;
}

function readPhoneNumbers(to: readonly string[]): { phoneNumbers: string[]; problems: RecipientProblem[] } {
  const phoneNumbers = new Set<string>();
  const problems: RecipientProblem[] = [];
  for (const [index, raw] of to.entries()) {
    const reading = readPhoneNumber(raw);
    if (reading.ok) phoneNumbers.add(reading.e164);
    else problems.push({ path: ['to', String(index)], code: reading.code, message: reading.message });
  }
  return { phoneNumbers: [...phoneNumbers], problems };
}

function tooMany(count: number): RecipientList {
  return refused(
    'TOO_MANY_RECIPIENTS',
    `${count} recipients are given and a message takes at most ${MOST_RECIPIENTS}. Spread them over several messages.`,
  );
}

/** A hint that none of these E.164 numbers permits. */
export function hintProblem(phoneNumbers: readonly string[], hint: Territory | null): RecipientProblem | null {
  if (hint === null || phoneNumbers.some(phoneNumber => permits(phoneNumber, hint))) return null;
  const permitted = [...new Set(phoneNumbers.flatMap(territoriesPermittedBy))];
  const nobody =
    phoneNumbers.length === 1
      ? 'The only number given does not permit'
      : `None of the ${phoneNumbers.length} numbers permits`;
  return {
    path: ['territory'],
    code: 'TERRITORY_NOT_PERMITTED',
    message: `${nobody} ${hint}. Choose among ${permitted.join(', ')}, or leave the territory out.`,
  };
}

/** The territory of an E.164 number: the hinted one where the number permits it, else its own. */
export function placeOf(phoneNumber: string, hint: Territory | null): Territory {
  return hint !== null && permits(phoneNumber, hint) ? hint : territoryOf(phoneNumber);
}

function permits(phoneNumber: string, territory: Territory): boolean {
  return territoriesPermittedBy(phoneNumber).includes(territory);
}

function refused(code: string, message: string): RecipientList {
  return { ok: false, problems: [{ path: ['to'], code, message }] };
}
