import { createHash, randomBytes, randomInt } from 'node:crypto';
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

const BACKWARDS_MS = 1_000;
const TAG_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

@Injectable()
export class RandomIds extends Ids {
  private lastMs = 0;
  private sequence = 0;

  constructor(private readonly clock: Clock) {
    super();
  }

  uuid(): string {
    this.advance(this.clock.now().getTime());
    const bytes = randomBytes(16);
    bytes.writeUIntBE(this.lastMs, 0, 6);
    bytes.writeUInt16BE(0x7000 | this.sequence, 6);
    bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
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
