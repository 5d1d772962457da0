import { textOf } from '../loose-json.js';

const SHORTEST_NATIONAL = 8;
const LONGEST_COUNTRY_CODE = 3;

/**
 * Finds a call's recipients in the provider's words, which write the same number as "+33612345678", "33612345678",
 * "0033612345678", "06 12 34 56 78" or "(0612345678)".
 */
export class NamedRecipients {
  private readonly byDigits: ReadonlyMap<string, string>;

  constructor(recipients: readonly string[]) {
    this.byDigits = new Map(recipients.map(recipient => [digitsOf(recipient), recipient]));
  }

  get count(): number {
    return this.byDigits.size;
  }

  inSentence(sentence: string): readonly string[] {
    const numbers = sentence.match(/\d(?:[ .-]?\d){5,19}/g) ?? [];
    return numbers.map(number => this.find(digitsOf(number))).filter(recipient => recipient !== null);
  }

  /** In a field that holds a phone number and nothing else. Null: it is none of theirs. */
  inField(field: unknown): string | null {
    const written = textOf(field, 40) ?? '';
    return /^[\d\s().+-]+$/.test(written) ? this.find(digitsOf(written)) : null;
  }

  private find(digits: string): string | null {
    return this.byDigits.get(digits.replace(/^00/, '')) ?? this.findNational(digits);
  }

  /** 0612345678 may be +33612345678 or +262612345678: it names a recipient only when there is just one. */
  private findNational(digits: string): string | null {
    if (!/^0[1-9]/.test(digits)) return null;
    const subscriber = digits.slice(1);
    if (subscriber.length < SHORTEST_NATIONAL) return null;
    const matching = [...this.byDigits].filter(
      ([full]) =>
        full.endsWith(subscriber) &&
        full.length > subscriber.length &&
        full.length - subscriber.length <= LONGEST_COUNTRY_CODE,
    );
    return matching.length === 1 ? (matching[0]?.[1] ?? null) : null;
  }
}

function digitsOf(number: string): string {
  return number.replaceAll(/\D/g, '');
}
