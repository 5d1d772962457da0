import type { Territory } from './territory.js';

/**
 * The clocks of a territory, the main one first. Where there are several, a number does not tell which applies, so a
 * commercial SMS may leave only when all of them allow it. ABROAD is configuration (SendWindowSettings.abroadTimeZone).
 */
export const TERRITORY_ZONES: Readonly<Record<Exclude<Territory, 'ABROAD'>, readonly [string, ...string[]]>> = {
  METROPOLE: ['Europe/Paris'],
  ALSACE_MOSELLE: ['Europe/Paris'],
  GUADELOUPE: ['America/Guadeloupe'],
  MARTINIQUE: ['America/Martinique'],
  GUYANE: ['America/Cayenne'],
  REUNION: ['Indian/Reunion'],
  MAYOTTE: ['Indian/Mayotte'],
  SAINT_PIERRE_ET_MIQUELON: ['America/Miquelon'],
  SAINT_BARTHELEMY: ['America/St_Barthelemy'],
  SAINT_MARTIN: ['America/Marigot'],
  NOUVELLE_CALEDONIE: ['Pacific/Noumea'],
  POLYNESIE_FRANCAISE: ['Pacific/Tahiti', 'Pacific/Marquesas', 'Pacific/Gambier'],
  WALLIS_ET_FUTUNA: ['Pacific/Wallis'],
};
