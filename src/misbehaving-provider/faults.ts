/** What may go wrong with a call that sends. At most one of them a call. */
export const SEND_FAULTS = [
  // Booked, and the caller does not learn of it.
  'accept-then-time-out',
  'accept-then-reset',
  'accept-then-5xx',
  'accept-then-html',
  'odd-types',
  // Booked and answered, but late.
  'slow',
  // Nothing is booked.
  'time-out',
  'reset',
  '5xx',
  'html',
  '429',
  // An honest answer: one of the numbers is refused.
  'refuse',
  // Of a bulk call: all is booked, and one number is missing in the answer.
  'unmentioned',
] as const;

/** What may go wrong with a question. At most one of them a question. */
export const LOOKUP_FAULTS = ['lookup-time-out', 'lookup-5xx', 'lookup-html', 'lookup-429'] as const;

/** What may go wrong with the receipt of an SMS. At most one of them an SMS. */
export const RECEIPT_FAULTS = ['missing-receipt', 'double-receipt', 'reordered-receipts', 'early-receipt'] as const;

/** No fault, but not what one hopes for: the handset does not get the SMS. */
export const FATES = ['not-delivered'] as const;

export type SendFault = (typeof SEND_FAULTS)[number];
export type LookupFault = (typeof LOOKUP_FAULTS)[number];
export type ReceiptFault = (typeof RECEIPT_FAULTS)[number];
export type Fault = SendFault | LookupFault | ReceiptFault | (typeof FATES)[number];

/** How often each of them happens, from 0 to 1. */
export type FaultRates = Readonly<Record<Fault, number>>;

const GROUPS = [SEND_FAULTS, LOOKUP_FAULTS, RECEIPT_FAULTS, FATES] as const;
export const FAULTS: readonly Fault[] = GROUPS.flat();
/** In a table of changes: all of them. */
const ALL = '*';

/** Enough of everything to be met within a few dozen calls. */
export const DEFAULT_RATES: FaultRates = {
  'accept-then-time-out': 0.03,
  'accept-then-reset': 0.03,
  'accept-then-5xx': 0.02,
  'accept-then-html': 0.02,
  'odd-types': 0.02,
  slow: 0.05,
  'time-out': 0.02,
  reset: 0.02,
  '5xx': 0.02,
  html: 0.02,
  '429': 0.03,
  refuse: 0.01,
  unmentioned: 0.02,
  'lookup-time-out': 0.02,
  'lookup-5xx': 0.05,
  'lookup-html': 0.05,
  'lookup-429': 0.02,
  'missing-receipt': 0.05,
  'double-receipt': 0.05,
  'reordered-receipts': 0.05,
  'early-receipt': 0.05,
  'not-delivered': 0.05,
};

export type RatesReading =
  { readonly ok: true; readonly rates: FaultRates } | { readonly ok: false; readonly problem: string };

/** Rates with changes: `{"5xx": 0.1}`; `{"*": 0, "5xx": 0.1}` for all of them and then the others, wherever it stands. */
export function changedRates(rates: FaultRates, changes: Readonly<Record<string, unknown>>): RatesReading {
  const changed: Record<Fault, number> = { ...rates };
  // JSON has no order to rely on: "429" comes first in any object.
  const allFirst = Object.entries(changes).toSorted(([a], [b]) => Number(b === ALL) - Number(a === ALL));
  for (const [name, rate] of allFirst) {
    if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) {
      return { ok: false, problem: `the rate of "${name}" must be a number from 0 to 1` };
    }
    const named = name === ALL ? FAULTS : FAULTS.filter(fault => fault === name);
    if (named.length === 0) return { ok: false, problem: `there is no fault "${name}": ${FAULTS.join(', ')}` };
    for (const fault of named) changed[fault] = rate;
  }
  const full = GROUPS.find(group => group.reduce((sum, fault) => sum + changed[fault], 0) > 1 + 1e-9);
  if (full !== undefined)
    return { ok: false, problem: `at most one of these happens, so they are 1 in all: ${full.join(', ')}` };
  return { ok: true, rates: changed };
}

/** "accept-then-reset=0.1,5xx=0.05" */
export function readRates(text: string): Readonly<Record<string, unknown>> {
  const parts = text.split(',').filter(part => part.trim() !== '');
  return Object.fromEntries(
    parts.map(part => {
      const [name = '', rate = ''] = part.split('=');
      return [name.trim(), rate.trim() === '' ? null : Number(rate)];
    }),
  );
}
