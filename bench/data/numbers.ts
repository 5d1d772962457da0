/** French mobiles, one for each index: +336 1… and, for those that are told apart, +337 5…. */
export const phoneOf = (index: number): string => `+336${10_000_000 + index}`;
export const urgentPhoneOf = (index: number): string => `+337${50_000_000 + index}`;
export const URGENT_PREFIX = '+337';

/** What the provider would call back with, for the attempt of a generated message. */
export const receiptSecretOf = (index: number): string => `bench-${String(index).padStart(37, '0')}`;
