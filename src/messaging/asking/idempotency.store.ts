import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import { IdempotencyConflict } from '../messaging.errors.js';

interface Remembered {
  readonly key: string;
  readonly fingerprint: Buffer;
  readonly messageId: string;
  readonly now: Date;
}

/** What a key stood for when it was first used. */
export interface EarlierRecord {
  readonly messageId: string;
  readonly answer: unknown;
}

@Injectable()
export class IdempotencyStore {
  /**
   * Takes the key for `messageId`. A concurrent holder of the same key is waited for: once it commits, its message's id is
   * the answer; if it is refused, the key is ours. Null: ours. Throws IdempotencyConflict where the key meant another thing.
   */
  async take(tx: Tx, tenantId: TenantId, wish: Remembered): Promise<EarlierRecord | null> {
    const taken = await tx.count(
      `insert into idempotency_records (tenant_id, key, fingerprint, message_id, created_at) values ($1, $2, $3, $4, $5)
       on conflict (tenant_id, key) do nothing`,
      [tenantId, wish.key, wish.fingerprint, wish.messageId, wish.now],
    );
    if (taken === 1) return null;
    const earlier = await tx.first<EarlierRecord & { fingerprint: Buffer }>(
      'select fingerprint, message_id as "messageId", answer from idempotency_records where tenant_id = $1 and key = $2',
      [tenantId, wish.key],
    );
    if (earlier === null || !earlier.fingerprint.equals(wish.fingerprint)) throw new IdempotencyConflict();
    return earlier;
  }

  /** Keeps the figures of the first answer. */
  async remember(tx: Tx, tenantId: TenantId, key: string, answer: object): Promise<void> {
    await tx.rows('update idempotency_records set answer = $3 where tenant_id = $1 and key = $2', [
      tenantId,
      key,
      JSON.stringify(answer),
    ]);
  }

  /** What the key stood for is gone (the sandbox is purged): from now on it stands for this. */
  async stand(tx: Tx, tenantId: TenantId, key: string, messageId: string): Promise<void> {
    await tx.rows('update idempotency_records set message_id = $3 where tenant_id = $1 and key = $2', [
      tenantId,
      key,
      messageId,
    ]);
  }
}

/** Tells two requests apart: the operation and its input as given, whatever the order of its fields; null is "not given". */
export const fingerprintOf = (operation: string, input: Readonly<Record<string, unknown>>): Buffer =>
  createHash('sha256').update(operation).update('\0').update(canonical(input)).digest();

const canonical = (input: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(
    Object.entries(input)
      .filter(([, value]) => value != null)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
