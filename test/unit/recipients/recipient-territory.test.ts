import * as fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { describe, expect, test } from 'vitest';
import { readPhoneNumber } from '../../../src/messaging/recipients/phone-number.js';
import { territoriesPermittedBy, territoryOf } from '../../../src/messaging/recipients/recipient-territory.js';
import type { Territory } from '../../../src/scheduling/index.js';
import { anyMobile, frenchNational } from './phone-numbers.js';

const ANTILLES: readonly Territory[] = ['GUADELOUPE', 'SAINT_MARTIN', 'SAINT_BARTHELEMY'];

describe('a number tells its territory, and what a sender may say instead', () => {
  test.each<[string, readonly Territory[]]>([
    ['+33612345678', ['METROPOLE', 'ALSACE_MOSELLE']],
    ['+33732345678', ['METROPOLE', 'ALSACE_MOSELLE']],
    ['+590690123456', ANTILLES],
    ['+590691223456', ANTILLES],
    ['+590709012345', ANTILLES],
    ['+594694123456', ['GUYANE']],
    ['+594709312345', ['GUYANE']],
    ['+596696123456', ['MARTINIQUE']],
    ['+596697123456', ['MARTINIQUE']],
    ['+596709112345', ['MARTINIQUE']],
    ['+262692123456', ['REUNION', 'MAYOTTE']],
    ['+262693012345', ['REUNION', 'MAYOTTE']],
    ['+262709212345', ['REUNION', 'MAYOTTE']],
    ['+262639612345', ['MAYOTTE', 'REUNION']],
    ['+262709362345', ['MAYOTTE', 'REUNION']],
    ['+508551234', ['SAINT_PIERRE_ET_MIQUELON']],
    ['+508708451234', ['SAINT_PIERRE_ET_MIQUELON']],
    ['+687751234', ['NOUVELLE_CALEDONIE']],
    ['+68987123456', ['POLYNESIE_FRANCAISE']],
    ['+681821234', ['WALLIS_ET_FUTUNA']],
    ['+32470123456', ['ABROAD']],
    ['+377612345678', ['ABROAD']],
    ['+12025550123', ['ABROAD']],
    ['+59171234567', ['ABROAD']],
    ['+26878123456', ['ABROAD']],
  ])('%s permits %j', (e164, permitted) => {
    expect(territoryOf(e164)).toBe(permitted[0]);
    expect(territoriesPermittedBy(e164)).toEqual(permitted);
  });
});

test('the territory by prefix agrees with the country that the library finds, for every mobile in the world', () => {
  const territoryByCountry: Readonly<Record<string, Territory>> = {
    FR: 'METROPOLE',
    GP: 'GUADELOUPE',
    GF: 'GUYANE',
    MQ: 'MARTINIQUE',
    RE: 'REUNION',
    YT: 'MAYOTTE',
    PM: 'SAINT_PIERRE_ET_MIQUELON',
    NC: 'NOUVELLE_CALEDONIE',
    PF: 'POLYNESIE_FRANCAISE',
    WF: 'WALLIS_ET_FUTUNA',
  };
  const frenchMobile = frenchNational
    .map(readPhoneNumber)
    .filter(reading => reading.ok)
    .map(reading => reading.e164);
  fc.assert(
    fc.property(fc.oneof(frenchMobile, anyMobile), e164 => {
      const country = parsePhoneNumberFromString(e164)?.country ?? '';
      expect(territoryOf(e164)).toBe(territoryByCountry[country] ?? 'ABROAD');
    }),
    { numRuns: 2_000 },
  );
});
