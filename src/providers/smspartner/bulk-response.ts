import type { BulkOutcome, RefusedRecipient, SendOutcome } from '../sms-provider.js';
import { bulkEntriesOf, verdictOf, verdictsOf } from './bulk-entries.js';
import type { EntryVerdict } from './bulk-entries.js';
import { joinReasons, ReasonCleaner } from './clean-reason.js';
import { meaningOf } from './error-codes.js';
import { bodyOf } from './http-answer.js';
import type { HttpAnswer } from './http-answer.js';
import type { AskedCall } from './refusal.js';
import { readSendResponse } from './send-response.js';

type Accepted = Extract<SendOutcome, { status: 'accepted' }>;

/**
 * Reads the answer to POST /v1/bulk-send ("Envoi par lots"), whatever it is: first as that to /v1/send, whose shapes it
 * has, then number by number. Booked without a list of numbers, all went, as with /v1/send. Never throws.
 */
export function readBulkResponse(answer: HttpAnswer, asked: AskedCall): BulkOutcome {
  const outcome = readSendResponse(answer, asked);
  const body = bodyOf(answer);
  const entries = body === null ? null : bulkEntriesOf(body);
  if (outcome.status !== 'accepted') {
    const went = entries?.some(entry => verdictOf(entry).kind === 'went') ?? false;
    return went ? { status: 'unknown', reason: 'the answer contradicts itself' } : outcome;
  }
  if (entries === null) return { ...outcome, refused: [], unmentioned: [] };
  return withVerdicts(outcome, verdictsOf(entries, asked.recipients), asked);
}

function withVerdicts(accepted: Accepted, verdicts: ReadonlyMap<string, EntryVerdict>, asked: AskedCall): BulkOutcome {
  const refused = refusedOf(verdicts, asked);
  if (refused.length === asked.recipients.length) return refusedAltogether(refused);
  const unmentioned = asked.recipients.filter(recipient => (verdicts.get(recipient)?.kind ?? 'open') === 'open');
  return { ...accepted, refused, unmentioned };
}

function refusedOf(verdicts: ReadonlyMap<string, EntryVerdict>, asked: AskedCall): readonly RefusedRecipient[] {
  const refusals = asked.recipients.flatMap(phoneNumber => {
    const verdict = verdicts.get(phoneNumber);
    return verdict?.kind === 'refused' ? [{ ...verdict, phoneNumber }] : [];
  });
  if (refusals.length === 0) return [];
  const cleaner = new ReasonCleaner(asked);
  return refusals.map(({ phoneNumber, code, message }) => {
    return { phoneNumber, code, reason: cleaner.clean(message) || meaningOf(code).reason };
  });
}

/** Each by name, so that nobody is asked for again. Their common code, or 55: no number to send to. */
function refusedAltogether(refused: readonly RefusedRecipient[]): BulkOutcome {
  const codes = new Set(refused.map(recipient => recipient.code));
  const [code = '55'] = codes.size === 1 ? codes : [];
  return { status: 'refused', code, reason: joinReasons(refused.map(({ reason }) => reason)), recipients: refused };
}
