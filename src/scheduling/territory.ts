/** Where a recipient lives for the law: it fixes the time zones and the public holidays that hold a commercial SMS back. */
export const TERRITORIES = [
  'METROPOLE',
  'ALSACE_MOSELLE',
  'GUADELOUPE',
  'MARTINIQUE',
  'GUYANE',
  'REUNION',
  'MAYOTTE',
  'SAINT_PIERRE_ET_MIQUELON',
  'SAINT_BARTHELEMY',
  'SAINT_MARTIN',
  'NOUVELLE_CALEDONIE',
  'POLYNESIE_FRANCAISE',
  'WALLIS_ET_FUTUNA',
  'ABROAD',
] as const;

export type Territory = (typeof TERRITORIES)[number];
