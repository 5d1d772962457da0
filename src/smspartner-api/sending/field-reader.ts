import type { Problem } from '../../messaging/index.js';
import { flagOf, INVALID, type Read, textOf, wordOf } from '../wire/loose-values.js';
import type { Values } from '../wire/read-values.js';
import { type EdgeCode, edgeProblem } from './edge-problems.js';
import { type FieldName, wireNameOf } from './field-names.js';

/** Reads fields by our names for them, and collects what cannot be read; that is then handed on as "not given". */
export class FieldReader {
  readonly problems: Problem[] = [];

  constructor(
    private readonly values: Values,
    /** Where the values stand in the whole: ["messages", "3"]. */
    private readonly place: readonly string[] = [],
  ) {}

  /** As it is: "" stays "". */
  text(field: FieldName, name = wireNameOf(field)): string | null {
    return this.orNull(field, 'INVALID_VALUE', textOf(this.values[name]));
  }

  /** Without blanks round it; "" is none. */
  word(field: FieldName, name = wireNameOf(field)): string | null {
    return this.orNull(field, 'INVALID_VALUE', wordOf(this.values[name]));
  }

  flag(field: FieldName): boolean {
    return this.orNull(field, 'INVALID_FLAG', flagOf(this.values[wireNameOf(field)])) ?? false;
  }

  /** 1 Premium, 2 Low Cost; left out, Premium. */
  gamme(): 'PREMIUM' | 'ECO' {
    const gamme = wordOf(this.values[wireNameOf('route')]);
    if (gamme === '2') return 'ECO';
    if (gamme !== null && gamme !== '1') this.wrong('route', 'INVALID_GAMME');
    return 'PREMIUM';
  }

  wrong(field: FieldName, code: EdgeCode): void {
    this.problems.push(edgeProblem([...this.place, field], code));
  }

  private orNull<T>(field: FieldName, code: EdgeCode, read: Read<T>): T | null {
    if (read !== INVALID) return read;
    this.wrong(field, code);
    return null;
  }
}
