import { Injectable } from '@nestjs/common';
import {
  addressGroup,
  Allowances,
  AppConfig,
  Clock,
  hashSecret,
  liesIn,
  PLATFORM,
  RateLimited,
} from '../kernel/index.js';
import { AddressNotAllowed, Unauthenticated } from './accounts.errors.js';
import type { Caller } from './caller.js';
import { isClientToken } from './client-token.js';
import { ClientTokens } from './client-tokens.js';
import type { KeyInForce } from './key-in-force.js';
import { type KeyQuery, KeysInForce } from './keys-in-force.js';
import { KeyUses } from './key-uses.js';

export interface Presented {
  /** The bare key, "rk_…", or a browser's token, "rct_…"; null where none came. */
  readonly secret: string | null;
  /** Where the request comes from, as told by the proxies that are trusted. */
  readonly address: string;
}

const FAILURES_AT_ONCE = 5;
const REQUESTS_AT_ONCE = 2;
/** The characters of a token that no other has: its signature's. */
const TOKEN_NAME = 43;
const TOO_MANY_FAILURES = 'Too many requests from your address came without a valid API key.';
const TOO_MANY_REQUESTS = 'Too many requests with this API key in a short time.';

/**
 * Turns a presented key into a caller, or refuses: without saying why, unless the key is good and only the place is not. It
 * only reads. An unknown key costs the same as a revoked, expired or malformed one: a hash and one statement that finds nothing.
 */
@Injectable()
export class Authenticate {
  private readonly failures: Allowances;
  private readonly requests: Allowances;

  constructor(
    private readonly keys: KeysInForce,
    private readonly tokens: ClientTokens,
    private readonly uses: KeyUses,
    private readonly clock: Clock,
    { authFailuresPerSecond, requestsPerSecond }: AppConfig,
  ) {
    this.failures = new Allowances({
      perSecond: authFailuresPerSecond,
      burst: authFailuresPerSecond * FAILURES_AT_ONCE,
    });
    this.requests = new Allowances({ perSecond: requestsPerSecond, burst: requestsPerSecond * REQUESTS_AT_ONCE });
  }

  /** Throws Unauthenticated, AddressNotAllowed and RateLimited. */
  async execute({ secret, address }: Presented): Promise<Caller> {
    // Costs nothing, tries nothing: not counted.
    if (secret === null) throw new Unauthenticated();
    return isClientToken(secret) ? this.browser(secret, address) : this.program(secret, address);
  }

  private async program(secret: string, address: string): Promise<Caller> {
    const key = await this.keyFor({ hash: hashSecret(secret) }, address);
    if (key.allowedIps !== null && !liesIn(address, key.allowedIps)) {
      this.takeFailure(address);
      throw new AddressNotAllowed();
    }
    this.takeRequest(key.id);
    this.uses.note(key);
    const tenantId = key.tenantId === PLATFORM ? null : key.tenantId;
    const { scopes, defaultCategory } = key;
    return { keyId: key.id, tenantId, scopes, defaultCategory, clientView: null, until: null };
  }

  /** A browser may be anywhere: the addresses of its key are those of the back end, and do not bind it. */
  private async browser(token: string, address: string): Promise<Caller> {
    const claim = this.tokens.read(token);
    if (claim === null) {
      this.takeFailure(address);
      throw new Unauthenticated();
    }
    const { keyId, tenantId, view, expiresAt: until } = claim;
    await this.keyFor({ issuer: keyId, tenantId }, address);
    // Its own, so that a page gone wild does not use up what its key may do.
    this.takeRequest(token.slice(-TOKEN_NAME));
    return { keyId, tenantId, scopes: ['READ'], defaultCategory: null, clientView: view, until };
  }

  /**
   * A failure is taken from the address before the look and put back where there is none, so that many at once get no
   * further than one by one. A key this process has let in before is not stopped by its neighbours' failures.
   */
  private async keyFor(query: KeyQuery, address: string): Promise<KeyInForce> {
    const first = this.keys.standingOf(query) === 'unknown';
    if (first) this.takeFailure(address);
    const giveBack = (): void => {
      if (first) this.failures.giveBack(addressGroup(address), this.clock.now());
    };
    const key = await this.keys.find(query).catch((error: unknown) => {
      giveBack();
      throw error;
    });
    if (key !== null) {
      giveBack();
      return key;
    }
    if (!first) this.takeFailure(address);
    throw new Unauthenticated();
  }

  private takeFailure(address: string): void {
    const wait = this.failures.take(addressGroup(address), this.clock.now());
    if (wait > 0) throw new RateLimited(TOO_MANY_FAILURES, wait);
  }

  private takeRequest(name: string): void {
    const wait = this.requests.take(name, this.clock.now());
    if (wait > 0) throw new RateLimited(TOO_MANY_REQUESTS, wait);
  }
}
