import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../kernel/index.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals credentials at rest: AES-256-GCM (NIST SP 800-38D) under MASTER_KEY. Laid out as nonce, tag, ciphertext; bound to
 * its owner by the additional data, so that a sealed value moved to another tenant does not open.
 */
@Injectable()
export class Seal {
  /** Recognises the master key without telling anything of it. */
  readonly keyId: string;
  private readonly key: Buffer;

  constructor(config: AppConfig) {
    if (config.masterKey === null) throw new Error('MASTER_KEY is not set');
    this.key = Buffer.from(config.masterKey, 'base64');
    this.keyId = createHash('sha256').update('relais master key id').update(this.key).digest('hex').slice(0, 16);
  }

  close(secret: string, owner: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** Throws when the key, the owner or the value is not the one that was sealed. */
  open(sealed: Buffer, owner: string): string {
    const decipher = createDecipheriv('aes-256-gcm', this.key, sealed.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(owner))
      .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
      'utf8',
    );
  }
}
