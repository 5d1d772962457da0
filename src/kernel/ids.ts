import { createHash, randomBytes, randomFillSync, randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from './clock.js';

/** The only source of identity and chance. */
export abstract class Ids {
  /** UUIDv7 (RFC 9562), increasing within a process, so that the newest row has the greatest id. */
  abstract uuid(): string;
  /** `prefix` and 43 base64url characters: 256 random bits. */
  abstract secret(prefix?: string): string;
  /** 16 lower-case letters and digits: what SMS Partner takes as a tag. */
  abstract tag(): string;
  /** A whole number from 0 up to, not including, `limit`. */
  abstract below(limit: number): number;
  /** From 0 up to 1, for jitter. */
  fraction(): number {
    return this.below(1_000_000) / 1_000_000;
  }
}

/** What is stored of a secret. 256 random bits need no slow hash. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Recognises a provider account's key without telling anything of it; null where there is none. */
export const credentialKey = (apiKey: string | null): string | null =>
  apiKey === null
    ? null
    : createHash('sha256').update('relais credential key').update(apiKey).digest('hex').slice(0, 16);

const CHANCE_BYTES = 8 * 512;
const BACKWARDS_MS = 1_000;
const TAG_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

@Injectable()
export class RandomIds extends Ids {
  private lastMs = 0;
  private sequence = 0;
  /** Chance for the next ids: fetched for each it was a tenth of what accepting an SMS cost the process. */
  private readonly chance = Buffer.alloc(CHANCE_BYTES);
  private used = CHANCE_BYTES;

  constructor(private readonly clock: Clock) {
    super();
  }

  uuid(): string {
    this.advance(this.clock.now().getTime());
    const time = this.lastMs.toString(16).padStart(12, '0');
    const counted = (0x7000 | this.sequence).toString(16);
    const chance = this.nextChance();
    return `${time.slice(0, 8)}-${time.slice(8)}-${counted}-${chance.slice(0, 4)}-${chance.slice(4)}`;
  }

  /** 62 random bits under the variant's two, in hexadecimal. No id takes what another took. */
  private nextChance(): string {
    if (this.used === CHANCE_BYTES) {
      randomFillSync(this.chance);
      this.used = 0;
    }
    const from = this.used;
    this.used += 8;
    this.chance.writeUInt8(0x80 | (this.chance.readUInt8(from) & 0x3f), from);
    return this.chance.toString('hex', from, this.used);
  }

  /**
   * The twelve bits of rand_a count within a millisecond and borrow from the next when they are full (RFC 9562, 6.2 method
   * 1). A clock that goes back a little is waited for; one that goes back further starts anew.
   */
  private advance(now: number): void {
    const anew = now > this.lastMs || now < this.lastMs - BACKWARDS_MS;
    if (!anew && this.sequence < 0xfff) {
      this.sequence += 1;
      return;
    }
    this.lastMs = anew ? now : this.lastMs + 1;
    this.sequence = randomInt(0x400);
  }

  secret(prefix = ''): string {
    return prefix + randomBytes(32).toString('base64url');
  }

  tag(): string {
    return Array.from({ length: 16 }, () => TAG_ALPHABET[randomInt(TAG_ALPHABET.length)]).join('');
  }

  below(limit: number): number {
    return randomInt(limit);
  }
}
