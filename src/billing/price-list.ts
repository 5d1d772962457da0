import type { Route } from '../kernel/index.js';

/** Price of one part, from `validFrom` on until the next one of the same route, prefix and currency. */
export interface Price {
  readonly route: Route;
  /** Digits of an E.164 number; "" for the rest of the world. */
  readonly prefix: string;
  readonly amount: string;
  readonly currency: string;
  readonly validFrom: Date;
}

const LONGEST_PREFIX = 15;

/** The prices in force for one route and currency; the longest prefix wins. */
export class PriceList {
  private readonly byPrefix: ReadonlyMap<string, string>;

  /** `until`: when the next of these prices comes into force; null: none is known. */
  constructor(
    prices: readonly Price[],
    private readonly until: Date | null = null,
  ) {
    this.byPrefix = new Map(prices.map(price => [price.prefix, price.amount]));
  }

  isInForce(now: Date): boolean {
    return this.until === null || this.until > now;
  }

  /** Price of one part to this E.164 number, or null where none is set. */
  partPrice(phoneNumber: string): string | null {
    const digits = phoneNumber.replace('+', '');
    for (let length = Math.min(digits.length, LONGEST_PREFIX); length >= 0; length -= 1) {
      const amount = this.byPrefix.get(digits.slice(0, length));
      if (amount !== undefined) return amount;
    }
    return null;
  }
}
