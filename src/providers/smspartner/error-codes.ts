import { identifierOf } from '../loose-json.js';

/** What a code of SMS Partner means for the call; the words are those of `SendOutcome`. */
export type ErrorKind = 'refused' | 'blocked' | 'outside-hours' | 'rate-limited' | 'unknown';

export interface ErrorMeaning {
  readonly kind: ErrorKind;
  readonly reason: string;
}

const meaning = (kind: ErrorKind, reason: string): ErrorMeaning => ({ kind, reason });

const MEANINGS = new Map<string, ErrorMeaning>([
  ['1', meaning('blocked', 'the API key is missing')],
  ['2', meaning('refused', 'no phone number was given')],
  ['4', meaning('refused', 'the message was not found')],
  ['9', meaning('refused', 'a field is not valid')],
  ['10', meaning('blocked', 'the API key is wrong')],
  ['11', meaning('blocked', 'the account has not enough credit')],
  ['13', meaning('refused', 'there is no price for the phone number')],
  ['14', meaning('refused', 'the phone number is on the STOP list of the account')],
  ['15', meaning('refused', 'the phone number is on the STOP list already')],
  ['20', meaning('blocked', 'the account is disabled')],
  ['22', meaning('outside-hours', 'marketing SMS are not allowed at this hour')],
  ['23', meaning('outside-hours', 'marketing SMS are not allowed on this date')],
  ['30', meaning('blocked', 'the account is blocked')],
  ['40', meaning('blocked', 'access to the API is refused')],
  ['42', meaning('refused', 'a Low Cost SMS has at most 160 characters')],
  ['43', meaning('refused', 'the message is required')],
  ['44', meaning('refused', 'the sender is not valid')],
  ['45', meaning('refused', 'the sending date is required or not valid')],
  ['46', meaning('refused', 'the sending date is required or not valid')],
  ['47', meaning('refused', 'the sending hour is required or not valid')],
  ['48', meaning('refused', 'the sending minutes are required or not valid')],
  ['49', meaning('refused', 'the sending minutes are required or not valid')],
  ['50', meaning('refused', 'more than 500 phone numbers')],
  ['51', meaning('refused', 'the call is not eligible for Low Cost')],
  ['52', meaning('refused', 'the message has more than 10 parts')],
  ['55', meaning('refused', 'there is no phone number to send to')],
  ['90', meaning('refused', 'the JSON is malformed')],
  ['96', meaning('blocked', 'the IP address is not allowed')],
  // 500 "could not be queued" is ambiguous: it may have been queued all the same.
  ['500', meaning('unknown', 'the message could not be queued')],
  ['992', meaning('refused', 'the account may not use this sender')],
  // Not the vendor's: gateways in front of an API repeat the HTTP status in the body.
  ['401', meaning('blocked', 'access to the API is refused')],
  ['403', meaning('blocked', 'access to the API is refused')],
  ['429', meaning('rate-limited', 'too many requests')],
]);

/**
 * An undocumented code in a well-formed `{"success":false}` is a refusal: the provider said no. From 500 to 599 it looks
 * like a fault of the server instead, and then nobody knows.
 */
export function meaningOf(code: string): ErrorMeaning {
  const listed = MEANINGS.get(code);
  if (listed !== undefined) return listed;
  return /^5\d\d$/.test(code)
    ? meaning('unknown', 'the server failed')
    : meaning('refused', 'refused with an undocumented code');
}

/** As number or as string; longer than any code is something else, perhaps a phone number. */
export function codeOf(value: unknown): string | null {
  const code = identifierOf(value);
  return code !== null && code.length <= 5 ? code : null;
}

export function isDocumented(code: string): boolean {
  return MEANINGS.has(code);
}
