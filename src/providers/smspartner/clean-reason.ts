/** What a reason must not repeat. */
export interface Secrets {
  readonly text: string;
  readonly apiKey: string;
}

const LONGEST_REASON = 300;
/** Runs shared with the text are an echo from here on; shorter ones are ordinary words ("numéro de "). */
const TEXT_ECHO = 12;
const KEY_ECHO = 6;

/** A sentence of the provider's, made fit to be shown and stored: no phone number, no piece of the text, no key. */
export function cleanReason(message: string, secrets: Secrets): string {
  const flat = flatten(message.slice(0, 2_000));
  return withoutEcho(withoutEcho(flat, secrets.text, TEXT_ECHO), secrets.apiKey, KEY_ECHO)
    .replaceAll(/[\w-]{20,}/g, '…')
    .replaceAll(/\s*[(+]*\p{Nd}(?:[^\p{L}\p{Nd}]{0,3}\p{Nd}){3,}\)?/gu, '')
    .slice(0, LONGEST_REASON)
    .trim();
}

/** Several sentences as one reason, each once. */
export function joinReasons(reasons: readonly string[]): string {
  return [...new Set(reasons)]
    .filter(reason => reason !== '')
    .join('; ')
    .slice(0, LONGEST_REASON);
}

function withoutEcho(message: string, secret: string, shortestRun: number): string {
  const source = flatten(secret);
  const run = Math.min(shortestRun, source.length);
  if (run < 4) return message;
  let clean = '';
  for (let at = 0; at < message.length;) {
    const length = echoAt(message, at, { source, run });
    clean += length === 0 ? message.charAt(at) : '…';
    at += Math.max(length, 1);
  }
  return clean;
}

/** How many characters of the message, from `at` on, stand like that in the secret; 0 when fewer than a run. */
function echoAt(message: string, at: number, echo: { source: string; run: number }): number {
  let length = echo.run;
  if (at + length > message.length || !echo.source.includes(message.slice(at, at + length))) return 0;
  while (at + length < message.length && echo.source.includes(message.slice(at, at + length + 1))) length += 1;
  return length;
}

function flatten(text: string): string {
  return text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
}
