import type { OutgoingSms } from '../sms-provider.js';
import { callOptions, spelledOut } from './call-options.js';
import type { CallOptions } from './call-options.js';

/** The JSON body of POST /v1/send ("Envoi unitaire"). */
export interface SendRequest extends CallOptions {
  readonly apiKey: string;
  /** Comma separated, at most 500. */
  readonly phoneNumbers: string;
  readonly message: string;
}

export function buildSendRequest(sms: OutgoingSms, apiKey: string): SendRequest {
  return {
    apiKey,
    phoneNumbers: sms.recipients.join(','),
    message: spelledOut(sms.text),
    ...callOptions(sms),
  };
}
