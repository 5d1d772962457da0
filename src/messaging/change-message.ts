import { Injectable } from '@nestjs/common';
import { Clock, type TenantId, Transactions, type Tx } from '../kernel/index.js';
import type { LockedMessage } from './message.js';
import { MessageNews, type MessageTurn } from './message-news.js';
import { MessageStore } from './message.store.js';
import { ProgressStore } from './progress.store.js';

/** A message under its lock: nothing else changes it until the transaction ends. */
export interface Changing {
  readonly message: LockedMessage;
  readonly now: Date;
  /** A submission that was changed: its counts and the message's status are brought into step at the end. */
  readonly touch: (submissionId: string) => void;
  /** Of a touched one: its counts are right as they stand, and only the status is left. Whoever touches it anew takes that back. */
  readonly counted: (submissionId: string) => void;
  /** A turn that its status need not show, to be told with the change. */
  readonly turn: (turn: MessageTurn) => void;
}

/**
 * The one way an accepted message changes: in a transaction, under the message's lock, with its derived state brought into
 * step at the end. So all changes of a message happen one after the other.
 */
@Injectable()
export class ChangeMessage {
  constructor(
    private readonly transactions: Transactions,
    private readonly messages: MessageStore,
    private readonly progress: ProgressStore,
    private readonly news: MessageNews,
    private readonly clock: Clock,
  ) {}

  /** Null where there is no such message; `work` is not called then. */
  execute<T>(tenantId: TenantId, id: string, work: (tx: Tx, changing: Changing) => Promise<T>): Promise<T | null> {
    return this.transactions.run(tenantId, tx => this.within(tx, tenantId, id, work));
  }

  /** The same inside a transaction that is already open. */
  within<T>(
    tx: Tx,
    tenantId: TenantId,
    id: string,
    work: (tx: Tx, changing: Changing) => Promise<T>,
  ): Promise<T | null> {
    return this.several(tx, tenantId, [id], async changes => {
      const changing = changes.get(id);
      return changing === undefined ? null : work(tx, changing);
    });
  }

  /** Several messages at once, each under its lock; `work` gets those there are, by id. */
  async several<T>(
    tx: Tx,
    tenantId: TenantId,
    ids: readonly string[],
    work: (changes: ReadonlyMap<string, Changing>) => Promise<T>,
  ): Promise<T> {
    return this.changing(tx, tenantId, await this.messages.lockMany(tx, tenantId, ids), work);
  }

  /** The same for messages of several tenants, which the transaction must see; locked in the order of the tenants' ids. */
  ofTenants<T>(
    tx: Tx,
    ids: ReadonlyMap<TenantId, readonly string[]>,
    work: (changes: ReadonlyMap<string, Changing>) => Promise<T>,
  ): Promise<T> {
    const [first, ...others] = [...ids].toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (first === undefined) return work(new Map());
    return this.several(tx, ...first, own =>
      this.ofTenants(tx, new Map(others), changes => work(new Map([...own, ...changes]))),
    );
  }

  /** Messages that the caller has locked in this transaction. */
  async changing<T>(
    tx: Tx,
    tenantId: TenantId,
    locked: readonly LockedMessage[],
    work: (changes: ReadonlyMap<string, Changing>) => Promise<T>,
  ): Promise<T> {
    const touched = new Map<string, string>();
    const uncounted = new Set<string>();
    const turns = new Map(locked.map(({ id }) => [id, new Set<MessageTurn>()]));
    const now = this.clock.now();
    const counted = (submissionId: string): void => void uncounted.delete(submissionId);
    const changes = new Map(
      locked.map(message => {
        const touch = (submissionId: string): void => {
          touched.set(submissionId, message.id);
          uncounted.add(submissionId);
        };
        const turn = (what: MessageTurn): void => void turns.get(message.id)?.add(what);
        return [message.id, { message, now, touch, counted, turn }];
      }),
    );
    const result = await work(changes);
    if (touched.size === 0) return result;
    const statuses = await this.progress.refresh(tx, tenantId, [...new Set(touched.values())], [...uncounted]);
    for (const [id, after] of statuses) {
      const message = changes.get(id)?.message;
      if (message === undefined) continue;
      await this.news.announce(tx, {
        message,
        at: now,
        turns: turns.get(id) ?? new Set(),
        before: message.status,
        after,
      });
    }
    return result;
  }
}
