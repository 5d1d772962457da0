import { fieldOf, listOf, recordOf, textOf, wholeNumberOf } from '../loose-json.js';
import type { JsonRecord } from '../loose-json.js';
import { codeOf, meaningOf } from './error-codes.js';
import { NamedRecipients } from './named-recipients.js';

/** What one entry of `SMSResponse_List` says of its number: that it went, that it was refused, or nothing to rely on. */
export type EntryVerdict =
  | { readonly kind: 'went' }
  /** `message` is the provider's own sentence and not fit to be shown. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'open' };

const OPEN: EntryVerdict = { kind: 'open' };
const MOST_ENTRIES = 1_000;

/** Null: the answer has no list at all. A list that is no list has no entries. */
export function bulkEntriesOf(body: JsonRecord): readonly JsonRecord[] | null {
  const field = fieldOf(body, 'SMSResponse_List') ?? null;
  if (field === null) return null;
  return (listOf(field) ?? [])
    .slice(0, MOST_ENTRIES)
    .map(recordOf)
    .filter(entry => entry !== null);
}

/** By recipient, as they were given. Who is not in it is not mentioned; who is mentioned twice and differently is open. */
export function verdictsOf(
  entries: readonly JsonRecord[],
  recipients: readonly string[],
): ReadonlyMap<string, EntryVerdict> {
  const known = new NamedRecipients(recipients);
  const verdicts = new Map<string, EntryVerdict>();
  for (const entry of entries) {
    const recipient = known.inField(entry['phoneNumber']);
    if (recipient === null) continue;
    const verdict = verdictOf(entry);
    const before = verdicts.get(recipient)?.kind ?? verdict.kind;
    verdicts.set(recipient, before === verdict.kind ? verdict : OPEN);
  }
  return verdicts;
}

export function verdictOf(entry: JsonRecord): EntryVerdict {
  if (entry['success'] === true) return wholeNumberOf(entry['code'] ?? 200) === 200 ? { kind: 'went' } : OPEN;
  const code = entry['success'] === false ? codeOf(entry['code']) : null;
  // A code about the account or the server says nothing certain of one number, and 200 contradicts "false".
  if (code === null || code === '200' || meaningOf(code).kind !== 'refused') return OPEN;
  return { kind: 'refused', code, message: sentenceOf(entry) };
}

/** The entry's own, or that of its first error: errors are lists under either key elsewhere in this API. */
function sentenceOf(entry: JsonRecord): string {
  const first = recordOf(listOf(entry['errors'] ?? entry['error'])?.[0]);
  return textOf(entry['message']) ?? textOf(first?.['message']) ?? '';
}
