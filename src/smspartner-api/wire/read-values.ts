/** What came in, by the vendor's names, nothing judged yet. */
export type Values = Readonly<Record<string, unknown>>;

/** Not JSON, no UTF-8, or JSON that is not an object: null. An empty body is an empty object. */
export function readJsonBody(bytes: Uint8Array): Values | null {
  try {
    // Takes a byte order mark away, which some clients send.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (text.trim() === '') return {};
    const parsed: unknown = JSON.parse(text);
    return isValues(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

/**
 * The query of a raw URL. Real clients write "??apiKey=…", and phone numbers with a "+" that they forgot to escape: what
 * then reads as a blank before eight digits was one. A name given twice counts as PHP counts it: the last one.
 */
export function readQuery(url: string): Values {
  const at = url.indexOf('?');
  if (at === -1) return {};
  const query = new URLSearchParams(url.slice(at).replace(/^\?+/, ''));
  return Object.fromEntries([...query].map(([name, value]) => [name, value.replace(/^ (?=\d{8})/, '+')]));
}

/** The path of a raw URL, without doubled or trailing slashes: base URLs end in one or do not. */
export const readPath = (url: string): string =>
  url
    .replace(/\?.*$/s, '')
    .replaceAll(/\/{2,}/g, '/')
    .replace(/(?<=.)\/$/, '');

export const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
