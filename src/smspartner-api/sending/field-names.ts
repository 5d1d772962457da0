/**
 * What a problem's path points at and what SMS Partner calls it, in the order in which faults are told: that of the page
 * "Envoi unitaire", then the options it shows no fault of. `at` has parts of its own here.
 */
const FIELDS = [
  ['text', 'message'],
  ['to', 'phoneNumbers'],
  ['messages', 'SMSList'],
  ['sender', 'sender'],
  ['at', 'scheduledDeliveryDate'],
  ['minute', 'minute'],
  ['time', 'time'],
  ['route', 'gamme'],
  ['tag', 'tag'],
  ['stopMention', 'isStopSms'],
  ['unicode', 'isUnicode'],
  ['sandbox', 'sandbox'],
  ['receiptUrl', 'urlDlr'],
  ['replyUrl', 'urlResponse'],
  ['category', 'category'],
] as const;

export type FieldName = (typeof FIELDS)[number][0];

const WIRE_NAMES: ReadonlyMap<string, string> = new Map(FIELDS);
const RANKS: ReadonlyMap<string, number> = new Map(FIELDS.map(([name], rank) => [name, rank]));

export const wireNameOf = (field: string): string => WIRE_NAMES.get(field) ?? field;
export const rankOf = (field: string): number => RANKS.get(field) ?? FIELDS.length;

/** Symfony's name of a form field, as the vendor's errors give it. */
export const elementIdOf = (...names: readonly string[]): string =>
  `${names.map(name => `children[${name}]`).join('.')}.data`;

/** The one that is no field but a header. */
export const IDEMPOTENCY_HEADER = 'Idempotency-Key';
