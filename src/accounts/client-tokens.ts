import { Injectable } from '@nestjs/common';
import { Clock, InvalidArgument } from '../kernel/index.js';
import { type Caller, type ClientView, requireKey, tenantOf } from './caller.js';
import { type ClientClaim, readClaim, readToken, writeClaim, writeToken } from './client-token.js';
import { KeysInForce } from './keys-in-force.js';
import { Seal } from './seal.js';
import { Unauthenticated } from './accounts.errors.js';

export interface ClientToken {
  readonly token: string;
  readonly expiresAt: Date;
}

const PURPOSE = 'client token';
const LONGEST_SECONDS = 3_600;

/**
 * Tokens for browsers: READ of one message or one tag for at most an hour. Signed under MASTER_KEY and stored nowhere, so
 * that a page view costs no row and every process can read them; they are over at once with the key that issued them.
 */
@Injectable()
export class ClientTokens {
  constructor(
    private readonly keys: KeysInForce,
    private readonly seal: Seal,
    private readonly clock: Clock,
  ) {}

  /** Whether there is such a message is the caller's to know. Throws InvalidArgument. */
  async issue(caller: Caller, view: ClientView, ttlSeconds: number): Promise<ClientToken> {
    requireKey(caller);
    if (ttlSeconds < 1 || ttlSeconds > LONGEST_SECONDS)
      throw new InvalidArgument('ttlSeconds', `must be from 1 to ${LONGEST_SECONDS}`);
    const tenantId = tenantOf(caller);
    const issuer = await this.keys.find({ issuer: caller.keyId, tenantId });
    if (issuer === null) throw new Unauthenticated();
    const asked = this.clock.now().getTime() + ttlSeconds * 1_000;
    // Never longer than the key itself.
    const expiresAt = new Date(Math.min(asked, issuer.until?.getTime() ?? asked));
    const claim = writeClaim({ tenantId, keyId: caller.keyId, expiresAt, view });
    return { token: writeToken(claim, this.seal.sign(PURPOSE, claim)), expiresAt };
  }

  /** What a token shown says, where it is ours and not over. Whether its key still is in force is another question. */
  read(token: string): ClientClaim | null {
    const read = readToken(token);
    if (read === null || !this.seal.isSigned(PURPOSE, read.claim, read.mac)) return null;
    const claim = readClaim(read.claim);
    return claim !== null && claim.expiresAt > this.clock.now() ? claim : null;
  }
}
