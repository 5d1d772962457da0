import { Injectable } from '@nestjs/common';
import {
  AppConfig,
  Clock,
  crashPoint,
  type Ended,
  Gathering,
  hashSecret,
  Ids,
  isUnavailable,
  Transactions,
  WakeUps,
} from '../kernel/index.js';
import { storable } from './callback-body.js';
import { type CalledAttempt, CalledAttemptStore } from './called-attempt.store.js';
import type { CallbackKind, Reception } from './callback-kind.js';
import type { RawPost } from './claimed-posts.js';
import { ReceiptStore } from './receipt.store.js';
import { ReplyPostStore } from './replies/reply-post.store.js';

export const WORK_ON = { receipt: 'apply-receipts', reply: 'read-replies' } as const satisfies Record<
  CallbackKind,
  string
>;

/** As `Ids.secret` makes them. What cannot be one is not looked for. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** Of all that is stored in one transaction. */
const MOST_TOGETHER = 200;

interface Post {
  readonly hash: Buffer;
  readonly raw: string;
}

/**
 * Stores what the provider says of an attempt, or passes on from a handset, as it came, in one short transaction, which posts
 * that come at the same time share. Understanding it is work for later: the answer goes out first.
 */
@Injectable()
export class ReceiveCallback {
  private readonly gathering = new Gathering<CallbackKind, Post, Reception>({
    work: (kind, posts) => this.storeAll(kind, posts),
    mayBeOnes: error => !isUnavailable(error),
    sizeOf: () => 1,
    most: MOST_TOGETHER,
    fits: () => true,
  });

  constructor(
    private readonly transactions: Transactions,
    private readonly attempts: CalledAttemptStore,
    private readonly receipts: ReceiptStore,
    private readonly replies: ReplyPostStore,
    private readonly config: AppConfig,
    private readonly wakeUps: WakeUps,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** Where the secret is nobody's, or too old, nothing is stored. */
  async execute(kind: CallbackKind, secret: string, raw: string): Promise<Reception> {
    if (!SECRET.test(secret)) return 'forged';
    return this.gathering.add(kind, { hash: hashSecret(secret), raw: storable(raw) });
  }

  private storeAll(kind: CallbackKind, posts: readonly Post[]): Promise<readonly Ended<Reception>[]> {
    return this.transactions.run([], async tx => {
      const attempts = await this.attempts.bySecrets(
        tx,
        posts.map(({ hash }) => hash),
      );
      const received = posts.map(({ hash, raw }) => ({ raw, attempt: attempts.get(hash.toString('hex')) ?? null }));
      const stored = received.flatMap(({ raw, attempt }) =>
        attempt === null || this.isOver(attempt) ? [] : [this.postOf(attempt, raw)],
      );
      if (stored.length > 0) {
        await (kind === 'receipt' ? this.receipts : this.replies).insert(tx, stored);
        crashPoint('receipt.before-commit');
        tx.afterCommit(() => crashPoint('receipt.after-commit'));
        tx.afterCommit(() => this.wakeUps.announce(WORK_ON[kind]));
      }
      return received.map(({ attempt }): Ended<Reception> => {
        if (attempt === null) return { ok: true, value: 'forged' };
        return { ok: true, value: this.isOver(attempt) ? 'expired' : 'stored' };
      });
    });
  }

  private isOver({ startedAt }: CalledAttempt): boolean {
    return this.clock.now().getTime() >= startedAt.getTime() + this.config.callbackDays * DAY_MS;
  }

  private postOf({ tenantId, attemptId }: CalledAttempt, raw: string): RawPost {
    return { tenantId, attemptId, raw, id: this.ids.uuid(), receivedAt: this.clock.now() };
  }
}
