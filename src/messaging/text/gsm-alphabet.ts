/** GSM 03.38 (3GPP TS 23.038), default alphabet: one septet each, in the order of the standard's table. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅå' +
  'Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ' +
  ' !"#¤%&\'()*+,-./' +
  '0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNO' +
  'PQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmno' +
  'pqrstuvwxyzäöñüà';

/** The extension table: an escape and a septet, so two. */
const EXTENSION = '\f^{}\\[~]|€';

const SEPTETS: ReadonlyMap<string, number> = new Map([
  ...Array.from(BASIC, char => [char, 1] as const),
  ...Array.from(EXTENSION, char => [char, 2] as const),
]);

/** How many septets a character takes; 0 for one that the alphabet does not have. */
export function septetsOf(char: string): number {
  return SEPTETS.get(char) ?? 0;
}

export function isGsm(char: string): boolean {
  return SEPTETS.has(char);
}
