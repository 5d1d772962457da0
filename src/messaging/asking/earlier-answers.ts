import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import { IdempotencyConflict, type Problem } from '../messaging.errors.js';
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

/** An order, and the id that what becomes of it will have. */
interface Wish {
  readonly id: string;
  readonly order: Order<OptionsRequest>;
}

interface Looking<T> {
  readonly now: Date;
  /** Those there are of these ids. */
  readonly find: (ids: readonly string[]) => Promise<readonly T[]>;
}

/** `new`: the key, if there is one, stands for the wish from now on. */
export type Earlier<T> =
  | { readonly kind: 'new' }
  | { readonly kind: 'known'; readonly earlier: T; readonly answer: unknown }
  | { readonly kind: 'conflict'; readonly error: IdempotencyConflict };

/** Asks whether the same was accepted before under the same idempotency key. */
@Injectable()
export class EarlierAnswers {
  constructor(private readonly records: IdempotencyStore) {}

  /** What became of one. Throws IdempotencyConflict; null: it is new. */
  async find<T extends { readonly id: string }>(
    tx: Tx,
    tenantId: TenantId,
    wish: Wish,
    looking: Looking<T>,
  ): Promise<{ readonly earlier: T; readonly answer: unknown } | null> {
    const [earlier] = await this.findAll(tx, tenantId, [wish], looking);
    if (earlier?.kind === 'conflict') throw earlier.error;
    return earlier?.kind === 'known' ? earlier : null;
  }

  /** What became of each, in their order; no key twice among them. */
  async findAll<T extends { readonly id: string }>(
    tx: Tx,
    tenantId: TenantId,
    wishes: readonly Wish[],
    { now, find }: Looking<T>,
  ): Promise<readonly Earlier<T>[]> {
    const keyed = wishes.flatMap(({ id, order }) => {
      const key = usableKey(order);
      return key === null ? [] : [{ key, fingerprint: fingerprintOf(order.operation, order.input), messageId: id }];
    });
    if (keyed.length === 0) return wishes.map(() => ({ kind: 'new' }));
    const records = await this.records.take(tx, tenantId, keyed, now);
    const found = records.size === 0 ? [] : await find([...records.values()].map(({ messageId }) => messageId));
    const byId = new Map(found.map(earlier => [earlier.id, earlier]));
    const fingerprints = new Map(keyed.map(({ key, fingerprint }) => [key, fingerprint]));
    const becameOf = async ({ id, order }: Wish): Promise<Earlier<T>> => {
      const key = usableKey(order);
      const record = key === null ? undefined : records.get(key);
      if (key === null || record === undefined) return { kind: 'new' };
      if (fingerprints.get(key)?.equals(record.fingerprint) !== true)
        return { kind: 'conflict', error: new IdempotencyConflict() };
      const earlier = byId.get(record.messageId);
      if (earlier !== undefined) return { kind: 'known', earlier, answer: record.answer };
      await this.records.stand(tx, tenantId, { key, messageId: id, now });
      return { kind: 'new' };
    };
    const all: Earlier<T>[] = [];
    for (const wish of wishes) all.push(await becameOf(wish));
    return all;
  }

  /** Keeps the figures of first answers, where they may be asked for again. */
  async remember(
    tx: Tx,
    tenantId: TenantId,
    answers: readonly { readonly order: Order<OptionsRequest>; readonly answer: object }[],
  ): Promise<void> {
    const keyed = answers.flatMap(({ order, answer }) => {
      const key = usableKey(order);
      return key === null ? [] : [{ key, answer }];
    });
    if (keyed.length > 0) await this.records.remember(tx, tenantId, keyed);
  }

  /** Refusals are not remembered. */
  async forget(tx: Tx, tenantId: TenantId, orders: readonly Order<OptionsRequest>[]): Promise<void> {
    const keys = orders.flatMap(order => usableKey(order) ?? []);
    if (keys.length > 0) await this.records.forget(tx, tenantId, keys);
  }
}

/** Null: it has none. A key that cannot be is told with the other problems. */
export const usableKey = ({ request: { idempotencyKey: key } }: Order<OptionsRequest>): string | null =>
  key !== null && isIdempotencyKey(key) ? key : null;
