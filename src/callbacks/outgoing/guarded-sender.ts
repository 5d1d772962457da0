import { Injectable, type OnApplicationShutdown, Optional } from '@nestjs/common';
import { Agent, type Dispatcher } from 'undici';
import { addressIn, AppConfig, hasUsualPort, isOutside, liesIn, readUrl, retryAfterMs } from '../../kernel/index.js';
import { checkedLookup, NotLetOut } from './checked-lookup.js';
import { type ResolveName, resolveName } from './resolve-name.js';

export interface OutgoingCall {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly httpsOnly?: boolean;
}

/** Reasons are for the tenant to read and carry no URL, host or body. */
export type Posted =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs: number | null }
  /** Our own guard does not let it out. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** For tests; the application has none of its own. */
export class SenderOptions {
  readonly timeoutMs?: number;
  readonly resolve?: ResolveName;
  /** Trusted instead of the well-known authorities. */
  readonly ca?: string;
}

interface Gate {
  readonly agent: Agent;
  readonly mayReach: (address: string) => boolean;
  readonly refusal: string;
}

const TIMEOUT_MS = 15_000;
const LARGEST_ANSWER = 64 * 1024;
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1_000;
/** An idle connection is not kept longer than this, whatever its server asks for: it stays on the address once checked. */
const IDLE_MS = 10_000;

/**
 * Posts to addresses that tenants chose, and to public ones only. The guard sits at the connection: a name is resolved once,
 * every address it has is checked, and exactly those are connected to, with the TLS name and Host as they were. Redirects
 * are not followed. Never throws.
 */
@Injectable()
export class GuardedSender implements OnApplicationShutdown {
  private readonly timeoutMs: number;
  private readonly resolve: ResolveName;
  private readonly usual: Gate;
  /** For unusual ports, and http where https is asked for: WEBHOOK_ALLOW is exempt from these rules, nobody else. */
  private readonly exempt: Gate;

  constructor(config: AppConfig, @Optional() options: SenderOptions = {}) {
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.resolve = options.resolve ?? resolveName;
    this.usual = this.gate(
      address => isOutside(address, config.webhookAllow),
      'it leads to a private, local or reserved address',
      options,
    );
    this.exempt = this.gate(
      address => liesIn(address, config.webhookAllow),
      'its port, or http in place of https, is not permitted',
      options,
    );
  }

  async post(call: OutgoingCall): Promise<Posted> {
    const url = readUrl(call.url);
    if (url === null || url.username !== '' || url.password !== '') return refused('it is no URL that can be called');
    const gate = this.gateOf(url, call.httpsOnly === true);
    const address = addressIn(url);
    // Node does not look up what is an address already, so the connection would not ask.
    if (address !== null && !gate.mayReach(address)) return refused(gate.refusal);
    try {
      return await this.exchange(gate.agent, url, call);
    } catch (error) {
      return error instanceof NotLetOut ? refused(error.message) : { kind: 'failed', reason: causeOf(error) };
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.usual.agent.destroy(), this.exempt.agent.destroy()]);
  }

  private async exchange(agent: Agent, url: URL, call: OutgoingCall): Promise<Posted> {
    const end = new AbortController();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const reason = new TimedOut();
      end.abort(reason);
      // undici holds an abort back until it is connected, so we do not wait for it to say so.
      reject(reason);
    }, this.timeoutMs);
    try {
      const { statusCode, headers, body } = await Promise.race([this.request(agent, url, call, end.signal), late]);
      // The status is all that counts; an answer that is large, slow or breaks off has given it.
      await body.dump({ limit: LARGEST_ANSWER }).catch(() => undefined);
      return { kind: 'answered', status: statusCode, retryAfterMs: retryAfterMs(headers, LONGEST_WAIT_MS) };
    } finally {
      clearTimeout(timer);
    }
  }

  private request(agent: Agent, url: URL, call: OutgoingCall, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST',
      headers: { ...call.headers, 'content-type': 'application/json', 'user-agent': 'Relais' },
      body: call.body,
      signal,
    });
  }

  private gateOf(url: URL, httpsOnly: boolean): Gate {
    return hasUsualPort(url) && (url.protocol === 'https:' || !httpsOnly) ? this.usual : this.exempt;
  }

  /** Each gate has its own connections: one that the one let through is not the other's to use. */
  private gate(mayReach: Gate['mayReach'], refusal: string, { ca }: SenderOptions): Gate {
    const lookup = checkedLookup(this.resolve, address => {
      if (!mayReach(address)) throw new NotLetOut(refusal);
    });
    const agent = new Agent({
      allowH2: false,
      headersTimeout: this.timeoutMs,
      bodyTimeout: this.timeoutMs,
      keepAliveMaxTimeout: IDLE_MS,
      // Ends the connecting of what was given up meanwhile.
      connect: { timeout: this.timeoutMs, lookup, ...(ca === undefined ? {} : { ca }) },
    });
    return { agent, mayReach, refusal };
  }
}

class TimedOut extends Error {}

const refused = (reason: string): Posted => ({ kind: 'refused', reason });

/** A code, never a message: messages carry hosts and addresses. */
function causeOf(error: unknown): string {
  if (error instanceof TimedOut) return 'timed out';
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'UND_ERR_HEADERS_TIMEOUT') return 'timed out';
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? `no answer (${code})` : 'no answer';
}
