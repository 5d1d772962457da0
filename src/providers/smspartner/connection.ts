import { Pool } from 'undici';
import type { CallTerms } from '../sms-provider.js';
import { exchangeOnce } from './exchange.js';
import type { ExchangeResult } from './exchange.js';
import { readReply } from './question.js';
import type { Question, Reply } from './question.js';

export interface ConnectionOptions {
  readonly baseUrl: string;
  readonly timeoutMs: number;
}

const LARGEST_CALL_ANSWER = 1024 * 1024;
/** The STOP list has no pages: room for some 400,000 numbers. */
const LARGEST_REPLY = 32 * 1024 * 1024;

/**
 * The way to SMS Partner. Each request is made at most once: no redirects, no pipelining and no HTTP/2, because with those
 * undici may put a request that has begun on another connection.
 */
export class SmsPartnerConnection {
  private readonly pool: Pool;
  private readonly base: string;
  private readonly asking = new AbortController();
  private closing: Promise<void> | null = null;

  constructor(private readonly options: ConnectionOptions) {
    const base = new URL(options.baseUrl);
    this.base = base.pathname.replace(/\/+$/, '');
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

  /** A call that sends. `path`: "/v1/send". */
  async call(path: string, body: object, terms: CallTerms): Promise<ExchangeResult> {
    const request = { method: 'POST', path: `${this.base}${path}`, body: JSON.stringify(body) } as const;
    const { timeoutMs } = this.options;
    return exchangeOnce(this.pool, request, { ...terms, timeoutMs, largestAnswer: LARGEST_CALL_ANSWER });
  }

  /** A question. It has the same time as a call, and is given up when the connection closes. */
  async ask(question: Question, apiKey: string): Promise<Reply> {
    const request = question(apiKey);
    const result = await exchangeOnce(
      this.pool,
      { ...request, path: `${this.base}${request.path}` },
      {
        timeoutMs: this.options.timeoutMs,
        signal: this.asking.signal,
        mayStart: () => true,
        largestAnswer: LARGEST_REPLY,
      },
    );
    if (result.kind === 'answered') return readReply(result);
    return { kind: 'nothing', reason: `no answer came (${result.cause})` };
  }

  /** Waits for the calls under way; abort their signals to make it short. */
  async close(): Promise<void> {
    this.asking.abort();
    this.closing ??= this.pool.close();
    await this.closing;
  }
}
