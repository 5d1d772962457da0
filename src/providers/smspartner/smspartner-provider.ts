import { Pool } from 'undici';
import { SmsProvider } from '../sms-provider.js';
import type { CallTerms, OutgoingSms, ProviderCredential, SendOutcome } from '../sms-provider.js';
import { postOnce } from './exchange.js';
import { buildSendRequest } from './send-request.js';
import { readSendResponse } from './send-response.js';

export interface SmsPartnerOptions {
  /** "https://api.smspartner.fr": "/v1/send" is added. */
  readonly baseUrl: string;
  /** For a whole call. The service has been seen to take more than 5 s. */
  readonly timeoutMs: number;
  /** Serves tenants that have none of their own. */
  readonly platformCredential: ProviderCredential | null;
}

/**
 * SMS Partner's HTTP API. Each call is made at most once: no redirects, no pipelining and no HTTP/2, because with those
 * undici may put a request that has begun on another connection.
 */
export class SmsPartnerProvider extends SmsProvider {
  readonly name = 'smspartner';
  private readonly pool: Pool;
  private readonly path: string;
  private closing: Promise<void> | null = null;

  constructor(private readonly options: SmsPartnerOptions) {
    super();
    const base = new URL(options.baseUrl);
    this.path = `${base.pathname.replace(/\/+$/, '')}/v1/send`;
    this.pool = new Pool(base.origin, {
      pipelining: 1,
      allowH2: false,
      connectTimeout: options.timeoutMs,
      // Apache closes idle connections after 5 s, and a call on a connection just closed ends in doubt.
      keepAliveTimeout: 4_000,
      // The whole call has a limit of its own.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async send(sms: OutgoingSms, credential: ProviderCredential | null, call: CallTerms): Promise<SendOutcome> {
    const apiKey = (credential ?? this.options.platformCredential)?.apiKey;
    if (!apiKey) return { status: 'blocked', code: 'NO_CREDENTIAL', reason: 'no API key is configured' };
    const body = JSON.stringify(buildSendRequest(sms, apiKey));
    const limits = { ...call, timeoutMs: this.options.timeoutMs };
    const result = await postOnce(this.pool, { path: this.path, body }, limits);
    if (result.kind === 'answered') {
      return readSendResponse(result, { recipients: sms.recipients, text: sms.text, apiKey });
    }
    if (result.kind === 'never-left') return unreachable(`the request did not leave (${result.cause})`);
    return { status: 'unknown', reason: `the request left, no answer came (${result.cause})` };
  }

  /** Waits for the calls under way; abort their signals to make it short. */
  async close(): Promise<void> {
    this.closing ??= this.pool.close();
    await this.closing;
  }
}

function unreachable(reason: string): SendOutcome {
  return { status: 'not-sent', cause: 'unreachable', reason, retryAfterMs: null };
}
