import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../kernel/index.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_BYTES = 8;
const MAC_KEY_BYTES = 32;
/** Begins what names its key. What was sealed before there was a mark has neither; that a nonce begins so is one in 2^32. */
const MARK = Buffer.from('rs1\0');

interface MasterKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

/** `other-key`: under a key that is neither MASTER_KEY nor MASTER_KEY_PREVIOUS. `damaged`: under one of them, and altered or moved. */
export type Unsealed =
  | { readonly kind: 'opened'; readonly secret: string; /** Under MASTER_KEY itself. */ readonly current: boolean }
  | { readonly kind: 'other-key' | 'damaged' };

/**
 * Seals secrets at rest: AES-256-GCM (NIST SP 800-38D) under MASTER_KEY. Laid out as mark, key id, nonce, tag, ciphertext;
 * bound to its owner by the additional data, so that a sealed value moved to another tenant does not open. What was sealed
 * under MASTER_KEY_PREVIOUS opens too, until it is sealed anew.
 */
@Injectable()
export class Seal {
  /** Recognises the master key without telling anything of it. */
  readonly keyId: string;
  private readonly current: MasterKey;
  private readonly keys: readonly MasterKey[];

  constructor(config: AppConfig) {
    if (config.masterKey === null) throw new Error('MASTER_KEY is not set');
    this.current = readKey(config.masterKey);
    this.keys = [this.current, ...(config.masterKeyPrevious === null ? [] : [readKey(config.masterKeyPrevious)])];
    this.keyId = this.current.id.toString('hex');
  }

  close(secret: string, owner: string): Buffer {
    const { id, key } = this.current;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([MARK, id, nonce, cipher.getAuthTag(), sealed]);
  }

  /** Throws when the key, the owner or the value is not the one that was sealed. */
  open(sealed: Buffer, owner: string): string {
    const unsealed = this.unseal(sealed, owner);
    if (unsealed.kind !== 'opened') throw new Error(`a sealed value does not open: ${unsealed.kind}`);
    return unsealed.secret;
  }

  unseal(sealed: Buffer, owner: string): Unsealed {
    const marked = sealed.subarray(0, MARK.length).equals(MARK);
    const id = sealed.subarray(MARK.length, MARK.length + ID_BYTES);
    const named = marked ? this.keys.find(key => key.id.equals(id)) : undefined;
    if (named !== undefined) {
      const secret = decrypt(sealed.subarray(MARK.length + ID_BYTES), named.key, owner);
      return secret === null ? { kind: 'damaged' } : { kind: 'opened', secret, current: named === this.current };
    }
    // Not named: what is from before the mark is tried with each key, and is sealed anew where it opens.
    for (const { key } of marked ? [] : this.keys) {
      const secret = decrypt(sealed, key, owner);
      if (secret !== null) return { kind: 'opened', secret, current: false };
    }
    return { kind: 'other-key' };
  }

  /** Vouches for data that goes out and comes back (HMAC-SHA256, a key of its own for each purpose, RFC 5869). */
  sign(purpose: string, data: Buffer): Buffer {
    return macOf(this.current, purpose, data);
  }

  /** Under the previous master key too: what is out there outlives a change of keys. */
  isSigned(purpose: string, data: Buffer, mac: Buffer): boolean {
    return this.keys.map(key => timingSafeEqual(macOf(key, purpose, data), mac)).includes(true);
  }
}

function readKey(base64: string): MasterKey {
  const key = Buffer.from(base64, 'base64');
  const id = createHash('sha256').update('relais master key id').update(key).digest().subarray(0, ID_BYTES);
  return { key, id };
}

function decrypt(sealed: Buffer, key: Buffer, owner: string): string | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(owner))
      .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
      'utf8',
    );
  } catch {
    return null;
  }
}

function macOf({ key }: MasterKey, purpose: string, data: Buffer): Buffer {
  const own = Buffer.from(hkdfSync('sha256', key, '', `relais ${purpose}`, MAC_KEY_BYTES));
  return createHmac('sha256', own).update(data).digest();
}
