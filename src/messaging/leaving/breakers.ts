import { Injectable } from '@nestjs/common';
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
  isBrokenCircuitError,
} from 'cockatiel';
import { AppConfig, Clock } from '../../kernel/index.js';
import type { BulkOutcome, SendOutcome } from '../../providers/index.js';

type Outcome = BulkOutcome | SendOutcome;

/** A look again after half a minute, with a single call. */
export const HALF_OPEN_AFTER_MS = 30_000;

const OPEN: Outcome = {
  status: 'not-sent',
  cause: 'unreachable',
  reason: 'the provider failed too often in a row; it is left alone for a moment',
  retryAfterMs: null,
};

/** A circuit breaker for each account: a provider that is down is not called by everything that waits for it. */
@Injectable()
export class Breakers {
  private readonly policies = new Map<string, CircuitBreakerPolicy>();
  private readonly openedAt = new Map<string, number>();

  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  isOpen(account: string): boolean {
    const state = this.policies.get(account)?.state;
    if (state !== CircuitState.Open) return state === CircuitState.HalfOpen;
    return this.clock.now().getTime() - (this.openedAt.get(account) ?? 0) < HALF_OPEN_AFTER_MS;
  }

  isClosed(account: string): boolean {
    const state = this.policies.get(account)?.state;
    return state === undefined || state === CircuitState.Closed;
  }

  get anyOpen(): boolean {
    return [...this.policies.values()].some(({ state }) => state === CircuitState.Open);
  }

  /** Never rejects where the call does not; an open circuit is a call that did not leave. */
  async execute(account: string, call: () => Promise<Outcome>): Promise<Outcome> {
    if (this.config.breakerFaults === 0) return call();
    try {
      return await this.policyOf(account).execute(call);
    } catch (error) {
      if (isBrokenCircuitError(error)) return OPEN;
      throw error;
    }
  }

  private policyOf(account: string): CircuitBreakerPolicy {
    const known = this.policies.get(account);
    if (known !== undefined) return known;
    const breaker = new ConsecutiveBreaker(this.config.breakerFaults);
    const policy = circuitBreaker(handleWhenResult(isFault), { halfOpenAfter: HALF_OPEN_AFTER_MS, breaker });
    policy.onBreak(() => this.openedAt.set(account, this.clock.now().getTime()));
    this.policies.set(account, policy);
    return policy;
  }
}

/** What speaks against the provider or the way to it, not against an SMS or an account. */
function isFault(outcome: unknown): boolean {
  if (typeof outcome !== 'object' || outcome === null || !('status' in outcome)) return false;
  if (outcome.status === 'unknown') return true;
  return outcome.status === 'not-sent' && 'cause' in outcome && outcome.cause === 'unreachable';
}
