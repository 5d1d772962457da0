import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';

interface Remembered {
  readonly key: string;
  readonly fingerprint: Buffer;
  readonly messageId: string;
}

type Standing = Omit<Remembered, 'fingerprint'> & { readonly now: Date };

/** What a key stood for when it was first used. */
export interface EarlierRecord {
  readonly key: string;
  readonly fingerprint: Buffer;
  readonly messageId: string;
  readonly answer: unknown;
}

@Injectable()
export class IdempotencyStore {
  /**
   * Takes each key for its `messageId`; no key twice among them. A concurrent holder of a key is waited for: once it commits,
   * what it became is among the answers; if it is refused, the key is ours. Answers those that were not to be had, by key.
   */
  async take(
    tx: Tx,
    tenantId: TenantId,
    wishes: readonly Remembered[],
    now: Date,
  ): Promise<ReadonlyMap<string, EarlierRecord>> {
    // In one order, so that no two who take several wait for each other.
    const sorted = wishes.toSorted((one, other) => (one.key < other.key ? -1 : 1));
    const taken = await tx.rows<{ key: string }>(
      `insert into idempotency_records (tenant_id, key, fingerprint, message_id, created_at)
       select $1, w.key, w.fingerprint, w.message_id, $5 from unnest($2::text[], $3::bytea[], $4::uuid[]) as w (key, fingerprint, message_id)
       on conflict (tenant_id, key) do nothing returning key`,
      [
        tenantId,
        sorted.map(({ key }) => key),
        sorted.map(({ fingerprint }) => fingerprint),
        sorted.map(({ messageId }) => messageId),
        now,
      ],
    );
    if (taken.length === wishes.length) return new Map();
    const ours = new Set(taken.map(({ key }) => key));
    const earlier = await tx.rows<EarlierRecord>(
      `select key, fingerprint, message_id as "messageId", answer from idempotency_records where tenant_id = $1 and key = any($2)`,
      [tenantId, sorted.flatMap(({ key }) => (ours.has(key) ? [] : [key]))],
    );
    const known = new Map(earlier.map(record => [record.key, record]));
    // Erased since we looked, for its age: it is free.
    const free = sorted.filter(({ key }) => !ours.has(key) && !known.has(key));
    return free.length === 0 ? known : new Map([...known, ...(await this.take(tx, tenantId, free, now))]);
  }

  /** Keeps the figures of first answers. */
  async remember(
    tx: Tx,
    tenantId: TenantId,
    answers: readonly { readonly key: string; readonly answer: object }[],
  ): Promise<void> {
    await tx.rows(
      `update idempotency_records r set answer = a.answer from unnest($2::text[], $3::jsonb[]) as a (key, answer)
        where r.tenant_id = $1 and r.key = a.key and r.key = any($2)`,
      [tenantId, answers.map(({ key }) => key), answers.map(({ answer }) => JSON.stringify(answer))],
    );
  }

  /** What was refused is not remembered. */
  async forget(tx: Tx, tenantId: TenantId, keys: readonly string[]): Promise<void> {
    await tx.rows('delete from idempotency_records where tenant_id = $1 and key = any($2)', [tenantId, keys]);
  }

  /** What the key stood for is gone (the sandbox is purged): from now on, and as long as a new key, it stands for this. */
  async stand(tx: Tx, tenantId: TenantId, { key, messageId, now }: Standing): Promise<void> {
    await tx.rows('update idempotency_records set message_id = $3, created_at = $4 where tenant_id = $1 and key = $2', [
      tenantId,
      key,
      messageId,
      now,
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
