import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/**
 * What became of one HTTP request. `never-left` is a proof, not a guess: undici had not begun to write it. Error codes
 * cannot prove that: ECONNRESET and even TLS alerts (a refused client certificate) also come after the request went out.
 */
export type ExchangeResult =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      /** Null: it broke off, was too large or did not end in time. */
      readonly body: string | null;
    }
  | { readonly kind: 'never-left'; readonly cause: string }
  | { readonly kind: 'lost'; readonly cause: string };

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST';
  /** With its query. A GET carries the API key there, so no message may repeat it. */
  readonly path: string;
  /** JSON; null for a GET. */
  readonly body: string | null;
}

export interface ExchangeLimits {
  /** For everything: connecting, writing, waiting, reading. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Asked just before the first byte is written. */
  readonly mayStart: () => boolean;
  /** In bytes; a longer answer counts as broken off. */
  readonly largestAnswer: number;
}

/** Makes a request exactly once and says what became of it. Never rejects. */
export async function exchangeOnce(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  limits: ExchangeLimits,
): Promise<ExchangeResult> {
  const { promise, resolve } = Promise.withResolvers<ExchangeResult>();
  const exchange = new Exchange(resolve, limits);
  const headers = request.body === null ? ACCEPT : { ...ACCEPT, 'content-type': 'application/json' };
  const timer = setTimeout(() => exchange.giveUp('timed out'), limits.timeoutMs);
  const stop = (): void => exchange.giveUp('stopped');
  limits.signal.addEventListener('abort', stop, { once: true });
  try {
    if (limits.signal.aborted) stop();
    else dispatcher.dispatch({ ...request, idempotent: false, headers }, exchange);
  } catch (error) {
    exchange.giveUp(causeOf(error));
  }
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    limits.signal.removeEventListener('abort', stop);
  }
}

const ACCEPT = { accept: 'application/json' };

/** undici's `request` hides the moment at which writing begins, and holds an abort back until it is connected; hence a handler. */
class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;
  private settled = false;
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private readonly chunks: Buffer[] = [];
  private size = 0;

  constructor(
    private readonly resolve: (result: ExchangeResult) => void,
    private readonly limits: Pick<ExchangeLimits, 'mayStart' | 'largestAnswer'>,
  ) {}

  /** Called just before the first byte is written, on a connection that stands. A second time would be a second SMS. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.settled) return controller.abort(new Error('given up before it left'));
    if (this.controller !== null) return this.giveUp('would have been sent twice', controller);
    if (!this.limits.mayStart()) return this.giveUp('too late to start', controller);
    this.controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > this.limits.largestAnswer) this.giveUp('the answer is too large');
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.settle({ ...this.answer(), body: Buffer.concat(this.chunks).toString('utf8') });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    this.giveUp(causeOf(error));
  }

  giveUp(cause: string, controller = this.controller): void {
    if (this.settled) return;
    if (this.status !== 0) this.settle({ ...this.answer(), body: null });
    else this.settle({ kind: this.controller === null ? 'never-left' : 'lost', cause });
    controller?.abort(new Error(cause));
  }

  private answer() {
    return { kind: 'answered', status: this.status, headers: this.headers } as const;
  }

  private settle(result: ExchangeResult): void {
    this.settled = true;
    this.resolve(result);
  }
}

/** A code, never a message: messages carry addresses. Every address refused comes as an AggregateError with a code. */
function causeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : 'no error code';
}
