import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import type { Problem } from '../messaging.errors.js';
import { fingerprintOf, IdempotencyStore } from './idempotency.store.js';
import { isIdempotencyKey } from './sms-options.js';
import type { OptionsRequest } from './sms-request.js';

/** What is asked, and what the asking was: the operation and the input as given, for the idempotency key. */
export interface Order<R extends OptionsRequest> {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly request: R;
  /** What the edge itself found wrong: told together with everything else that is wrong. */
  readonly problems?: readonly Problem[];
}

/** Asks whether the same was accepted before under the same idempotency key. */
@Injectable()
export class EarlierAnswers {
  constructor(private readonly records: IdempotencyStore) {}

  /**
   * What it became then, by `find`, and the figures of the first answer. Null: it is new, and the key now stands for
   * `wish.id`. Throws IdempotencyConflict.
   */
  async find<T>(
    tx: Tx,
    tenantId: TenantId,
    { operation, input, request }: Order<OptionsRequest>,
    wish: { readonly id: string; readonly now: Date; readonly find: (id: string) => Promise<T | null> },
  ): Promise<{ readonly earlier: T; readonly answer: unknown } | null> {
    const key = usable(request);
    if (key === null) return null;
    const fingerprint = fingerprintOf(operation, input);
    const record = await this.records.take(tx, tenantId, { key, fingerprint, messageId: wish.id, now: wish.now });
    if (record === null) return null;
    const earlier = await wish.find(record.messageId);
    if (earlier !== null) return { earlier, answer: record.answer };
    await this.records.stand(tx, tenantId, key, wish.id);
    return null;
  }

  /** Keeps the figures of the first answer, where it may be asked for again. */
  async remember(tx: Tx, tenantId: TenantId, { request }: Order<OptionsRequest>, answer: object): Promise<void> {
    const key = usable(request);
    if (key !== null) await this.records.remember(tx, tenantId, key, answer);
  }
}

/** A key that cannot be is told with the other problems. */
const usable = ({ idempotencyKey: key }: OptionsRequest): string | null =>
  key !== null && isIdempotencyKey(key) ? key : null;
