// The beginning of one where a word begins, a whole one anywhere.
const KEY = /((?<![A-Za-z0-9])(?:rk|whsec|rct)_)[A-Za-z0-9+/=_-]{8,}|((?:rk|whsec|rct)_)[A-Za-z0-9+/=_-]{32,}/g;
const UUID = String.raw`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`;
const TIME = String.raw`\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?`;
const DATE = String.raw`(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T ]${TIME})?(?![-\d])|[0-3]?\d[./][01]?\d[./]20\d\d(?![./\d])`;
const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
const KEPT = String.raw`(?<![\w+])(?:${UUID}|${DATE}|${TIME}|${OCTET}(?:\.${OCTET}){3}(?![\d.]))`;
// Eight digits or more, with what people write between them: +33 (0)6.12-34/56 78, and the spaces that do not break.
const PHONE_NUMBER = String.raw`(?<![0-9a-f])\(?\+?\(?\d(?:[ \u00a0\u202f()./_-]{0,3}\d){7,}(?![0-9a-f])`;
const KEPT_OR_PHONE_NUMBER = new RegExp(`(${KEPT})|${PHONE_NUMBER}`, 'gi');
const CALLBACK_SECRET = /(\/callbacks\/[a-z]+\/)[A-Za-z0-9_-]+/g;

const BEARER = /\b(Bearer\s+)(?!(?:rk|rct|whsec)_…)[\w.~+/=-]+/gi;
const QUERY_KEY = /([?&]api_?key=)[^&\s"']+/gi;
const URL_USER = /(:\/\/)[^\s:/@]+:[^\s/@]+@/g;

/** Whatever looks like a key, shortened to what kind of key it is: also for what is answered, since an error may repeat what came. */
export const scrubKeys = (text: string): string => text.replaceAll(KEY, '$1$2…');

/** A last net under the rule that keys, phone numbers and callback secrets are never logged. */
export const scrub = (text: string): string =>
  scrubKeys(text)
    .replaceAll(BEARER, '$1…')
    .replaceAll(QUERY_KEY, '$1…')
    .replaceAll(URL_USER, '$1…@')
    .replaceAll(CALLBACK_SECRET, '$1…')
    .replaceAll(KEPT_OR_PHONE_NUMBER, (_, kept?: string) => kept ?? '…');

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/**
 * What of an error is logged: never the other properties, because a failed query carries its parameters (texts, phone
 * numbers) and its row values (`detail`).
 */
export function loggedError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)) };
  return {
    type: error.name,
    message: scrub(withoutValue(error)),
    ...('code' in error && { code: error.code }),
    ...(error.stack !== undefined && {
      stack: scrub(error.stack.replaceAll(error.message, () => withoutValue(error))),
    }),
    ...(error.cause !== undefined && { cause: loggedError(error.cause) }),
  };
}

/** A data exception of PostgreSQL (class 22) quotes the value that it could not take: a text as well as anything else. */
const withoutValue = (error: Error): string =>
  'code' in error && typeof error.code === 'string' && /^22[0-9A-Z]{3}$/.test(error.code)
    ? error.message.replace(/".*"/s, '"…"')
    : error.message;

/** What pino is given for one line. Of an error without a message beside it, pino repeats the error's own, unscrubbed. */
export function scrubbedLine(line: readonly unknown[]): [object, string?, ...unknown[]] {
  const [first, message, ...rest] = line.map(part => (typeof part === 'string' ? scrub(part) : part));
  if (typeof first !== 'object' || first === null) return [{}, String(first), message, ...rest];
  if (first instanceof Error) return [{ err: first, message: scrub(withoutValue(first)) }];
  if (typeof message === 'string') return [first, message, ...rest];
  if ('message' in first || !('err' in first) || !(first.err instanceof Error)) return [first];
  return [{ ...first, message: scrub(withoutValue(first.err)) }];
}

const SECRET_NAME =
  /^(?:.*authorization|cookie|.*api_?-?key|.*secret|.*token|.*password|text|message_?text|phone_?numbers?|to)$/i;
const DEEPEST = 4;

/** The fields of a line as they may be logged: scrubbed, and gone where the name says what it is. Errors have a serializer. */
export const scrubbedFields = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, scrubbedField(name, value, DEEPEST)]));

function scrubbedField(name: string, value: unknown, deeper: number): unknown {
  if (name === 'err' || name === 'error') return value;
  if (value instanceof Error) return loggedError(value);
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (SECRET_NAME.test(name)) return '…';
  if (typeof value === 'string') return scrub(value);
  if (typeof value !== 'object' || value instanceof Date) return value;
  if (deeper === 0) return '…';
  if (Array.isArray(value)) return value.map(item => scrubbedField('', item, deeper - 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scrubbedField(key, inner, deeper - 1)]));
}
