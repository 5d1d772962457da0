import type { OutgoingSms } from '../sms-provider.js';

const GAMME = { PREMIUM: 1, ECO: 2 } as const satisfies Record<OutgoingSms['route'], number>;

/** The JSON body of POST /v1/send. Options that are off are left out, because not every account knows every option. */
export interface SendRequest {
  readonly apiKey: string;
  readonly phoneNumbers: string;
  readonly message: string;
  readonly gamme: 1 | 2;
  readonly tag: string;
  readonly urlDlr: string;
  readonly urlResponse: string;
  readonly sender?: string;
  readonly isStopSms?: 1;
  readonly isUnicode?: 1;
}

export function buildSendRequest(sms: OutgoingSms, apiKey: string): SendRequest {
  return {
    apiKey,
    phoneNumbers: sms.recipients.join(','),
    // A line break counts 2 for the vendor in either form; only the pair has a documented spelling.
    message: sms.text.replaceAll('\r\n', ':br:'),
    gamme: GAMME[sms.route],
    tag: sms.tag,
    urlDlr: sms.receiptUrl,
    urlResponse: sms.replyUrl,
    ...(sms.sender !== null && { sender: sms.sender }),
    ...(sms.stopMention && { isStopSms: 1 as const }),
    ...(sms.unicode && { isUnicode: 1 as const }),
  };
}
