import type { OutgoingSms } from '../sms-provider.js';

const TEN_THOUSANDTHS_A_PART = 380n;

/** The parts of the bare text for one recipient: near enough for a simulator, which knows no STOP wording. */
export function simulatedParts(sms: Pick<OutgoingSms, 'text' | 'unicode'>): number {
  const [alone, joined] = sms.unicode ? [70, 67] : [160, 153];
  const length = sms.unicode ? sms.text.length : sms.text.length + (sms.text.match(/[€^{}[\]~|\\]/g)?.length ?? 0);
  return length <= alone ? 1 : Math.ceil(length / joined);
}

/** 2 parts cost "0.0760". */
export function simulatedCost(parts: number): string {
  const cost = BigInt(parts) * TEN_THOUSANDTHS_A_PART;
  return `${cost / 10_000n}.${String(cost % 10_000n).padStart(4, '0')}`;
}
