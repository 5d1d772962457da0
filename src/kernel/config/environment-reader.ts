import { isCidr } from '../cidr.js';

/** Reads variables one by one and collects what is wrong with them, so that all problems are told at once. */
export class EnvironmentReader {
  readonly problems: string[] = [];

  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  problem(name: string, what: string): void {
    this.problems.push(`${name} ${what}`);
  }

  optional(name: string): string | null {
    const value = this.env[name]?.trim();
    return value === undefined || value === '' ? null : value;
  }

  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  matching(name: string, pattern: RegExp, expected: string): string | null {
    const value = this.optional(name);
    if (value !== null && !pattern.test(value)) this.problem(name, `must be ${expected}`);
    return value;
  }

  /** A URL by the standard's own parser, after the pattern: a stray "[" or "#" is told here and not at the first use. */
  url(name: string, pattern: RegExp, expected: string): string | null {
    const value = this.optional(name);
    if (value !== null && !(pattern.test(value) && URL.canParse(value))) this.problem(name, `must be ${expected}`);
    return value;
  }

  integer(name: string, fallback: number, range: { readonly min: number; readonly max: number }): number {
    const value = this.optional(name);
    if (value === null) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= range.min && number <= range.max) return number;
    this.problem(name, `must be a whole number from ${range.min} to ${range.max}`);
    return fallback;
  }

  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.optional(name);
    if (value === null) return fallback;
    const chosen = choices.find(choice => choice === value);
    if (chosen === undefined) this.problem(name, `must be one of ${choices.join(', ')}`);
    return chosen ?? fallback;
  }

  /** Comma separated; a bare address means itself alone. */
  cidrs(name: string): readonly string[] {
    const listed = (this.optional(name) ?? '').split(',').map(part => part.trim());
    const given = listed.filter(part => part !== '');
    if (!given.every(isCidr)) this.problem(name, 'must be addresses or CIDRs such as 10.0.0.0/8, separated by commas');
    return given;
  }

  /** Comma separated, as browsers send them: scheme, host and port, nothing after. */
  origins(name: string): readonly string[] {
    const listed = (this.optional(name) ?? '').split(',').map(part => part.trim());
    const given = listed.filter(part => part !== '');
    if (!given.every(isOrigin)) {
      this.problem(
        name,
        'must be exact origins such as https://app.example.com, without a path or *, separated by commas',
      );
    }
    return given;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.choice(name, ['true', 'false'], fallback ? 'true' : 'false');
    return value === 'true';
  }

  timeZone(name: string, fallback: string): string {
    const value = this.text(name, fallback);
    try {
      Intl.DateTimeFormat('en', { timeZone: value });
      return value;
    } catch {
      this.problem(name, 'must be an IANA time zone such as Europe/Paris');
      return fallback;
    }
  }
}

const isOrigin = (text: string): boolean =>
  /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
