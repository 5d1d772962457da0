import { registerEnumType } from '@nestjs/graphql';
import { CATEGORIES, ENCODINGS, ROUTES } from '../words.js';

/** The object form that a code-first enum needs, from the list the rest of the code uses: {A: 'A', B: 'B'}. */
export function enumOf<T extends string>(values: readonly T[]): { readonly [K in T]: K } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.fromEntries forgets which keys it was given
  return Object.fromEntries(values.map(value => [value, value])) as { readonly [K in T]: K };
}

export const CategoryEnum = enumOf(CATEGORIES);
export const RouteEnum = enumOf(ROUTES);
export const EncodingEnum = enumOf(ENCODINGS);

registerEnumType(CategoryEnum, { name: 'Category' });
registerEnumType(RouteEnum, { name: 'Route', description: "SMS Partner's `gamme`: PREMIUM = 1, ECO = 2." });
registerEnumType(EncodingEnum, { name: 'Encoding' });
