import { parseArgs } from 'node:util';
import { changedRates, DEFAULT_RATES, type FaultRates, readRates } from './faults.js';

export interface Settings {
  /** 0: a free one. */
  readonly port: number;
  readonly host: string;
  readonly seed: number;
  /** Null: any key is welcome. */
  readonly apiKey: string | null;
  readonly rates: FaultRates;
  readonly slowMs: number;
  readonly receiptDelayMs: number;
}

export type SettingsReading =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problem: string };

/** A flag goes before the variable of the same meaning. */
const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  seed: { type: 'string' },
  'api-key': { type: 'string' },
  faults: { type: 'string' },
  'slow-ms': { type: 'string' },
  'receipt-delay-ms': { type: 'string' },
} as const;

type Name = keyof typeof OPTIONS;

/** From flags (--port 4010) and the environment (PORT=4010). */
export function readSettings(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SettingsReading {
  const flags = flagsIn(args);
  if (typeof flags === 'string') return { ok: false, problem: flags };
  const valueOf = (name: Name): string => (flags[name] ?? env[name.toUpperCase().replaceAll('-', '_')] ?? '').trim();
  const problems: string[] = [];
  const wholeNumber = (name: Name, fallback: number, most: number): number => {
    const value = valueOf(name);
    if (/^\d*$/.test(value) && Number(value) <= most) return value === '' ? fallback : Number(value);
    problems.push(`${name} must be a whole number from 0 to ${most}`);
    return fallback;
  };
  const reading = changedRates(DEFAULT_RATES, readRates(valueOf('faults')));
  if (!reading.ok) problems.push(reading.problem);
  const settings = {
    port: wholeNumber('port', 4010, 65_535),
    host: valueOf('host') || '127.0.0.1',
    seed: wholeNumber('seed', 1, 2 ** 32 - 1),
    apiKey: valueOf('api-key') || null,
    rates: reading.ok ? reading.rates : DEFAULT_RATES,
    slowMs: wholeNumber('slow-ms', 3_000, 600_000),
    receiptDelayMs: wholeNumber('receipt-delay-ms', 500, 600_000),
  };
  return problems.length === 0 ? { ok: true, settings } : { ok: false, problem: problems.join('; ') };
}

function flagsIn(args: readonly string[]): Partial<Record<Name, string>> | string {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
