import type { OutgoingSms } from '../sms-provider.js';

const GAMME = { PREMIUM: 1, ECO: 2 } as const satisfies Record<OutgoingSms['route'], number>;

/** What /v1/send and /v1/bulk-send have in common. Options that are off are left out: not every account knows every option. */
export interface CallOptions {
  readonly gamme: 1 | 2;
  readonly tag: string;
  readonly urlDlr: string;
  readonly urlResponse: string;
  readonly sender?: string;
  readonly isStopSms?: 1;
  readonly isUnicode?: 1;
}

export function callOptions(sms: Omit<OutgoingSms, 'recipients' | 'text'>): CallOptions {
  return {
    gamme: GAMME[sms.route],
    tag: sms.tag,
    urlDlr: sms.receiptUrl,
    urlResponse: sms.replyUrl,
    ...(sms.sender !== null && { sender: sms.sender }),
    ...(sms.stopMention && { isStopSms: 1 as const }),
    ...(sms.unicode && { isUnicode: 1 as const }),
  };
}

/** A line break counts 2 for the vendor in either form; only the pair has a documented spelling. */
export function spelledOut(text: string): string {
  return text.replaceAll('\r\n', ':br:');
}
