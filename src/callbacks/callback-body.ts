/** As the database keeps it: NUL is the one character that PostgreSQL does not store. */
export const storable = (raw: string): string => raw.replaceAll('\u0000', '\uFFFD');

/** The provider's Content-Type is not relied on. What is no JSON reads as null; a byte order mark is no harm. */
export function parseBody(raw: string): unknown {
  try {
    return JSON.parse(raw.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}
