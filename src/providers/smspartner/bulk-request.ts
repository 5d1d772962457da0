import type { OutgoingBulk } from '../sms-provider.js';
import { callOptions, spelledOut } from './call-options.js';
import type { CallOptions } from './call-options.js';

/** The JSON body of POST /v1/bulk-send ("Envoi par lots"). */
export interface BulkRequest extends CallOptions {
  readonly apiKey: string;
  /** At most 500. */
  readonly SMSList: readonly { readonly phoneNumber: string; readonly message: string }[];
}

export function buildBulkRequest(bulk: OutgoingBulk, apiKey: string): BulkRequest {
  return {
    apiKey,
    SMSList: bulk.messages.map(({ phoneNumber, text }) => ({ phoneNumber, message: spelledOut(text) })),
    ...callOptions(bulk),
  };
}
