import type { Territory } from '../../scheduling/index.js';

type Permitted = readonly [byDefault: Territory, ...others: Territory[]];

const ABROAD: Permitted = ['ABROAD'];

/**
 * The first prefix that fits wins. On +262 a number tells Réunion (692, 693, 7092) from Mayotte (639, 7093) until its
 * owner moves, so the sender may choose; on +590 it tells nothing; on +33 it never tells Alsace-Moselle.
 */
const PERMITTED_BY_PREFIX: readonly (readonly [prefix: string, permitted: Permitted])[] = [
  ['+33', ['METROPOLE', 'ALSACE_MOSELLE']],
  ['+262639', ['MAYOTTE', 'REUNION']],
  ['+2627093', ['MAYOTTE', 'REUNION']],
  ['+262', ['REUNION', 'MAYOTTE']],
  ['+590', ['GUADELOUPE', 'SAINT_MARTIN', 'SAINT_BARTHELEMY']],
  ['+594', ['GUYANE']],
  ['+596', ['MARTINIQUE']],
  ['+508', ['SAINT_PIERRE_ET_MIQUELON']],
  ['+687', ['NOUVELLE_CALEDONIE']],
  ['+689', ['POLYNESIE_FRANCAISE']],
  ['+681', ['WALLIS_ET_FUTUNA']],
];

/** Where a number lives when nobody says better. */
export function territoryOf(e164: string): Territory {
  return permittedBy(e164)[0];
}

/** What a sender may say of a number, the default first. */
export function territoriesPermittedBy(e164: string): readonly Territory[] {
  return permittedBy(e164);
}

function permittedBy(e164: string): Permitted {
  return PERMITTED_BY_PREFIX.find(([prefix]) => e164.startsWith(prefix))?.[1] ?? ABROAD;
}
