import { Injectable } from '@nestjs/common';
import { AppConfig, Clock, crashPoint, hashSecret, Ids, Transactions, type Tx, WakeUps } from '../kernel/index.js';
import { storable } from './callback-body.js';
import { type CalledAttempt, CalledAttemptStore } from './called-attempt.store.js';
import type { CallbackKind, Reception } from './callback-kind.js';
import { ReceiptStore } from './receipt.store.js';
import { ReplyPostStore } from './replies/reply-post.store.js';

export const WORK_ON = { receipt: 'apply-receipts', reply: 'read-replies' } as const satisfies Record<
  CallbackKind,
  string
>;

/** As `Ids.secret` makes them. What cannot be one is not looked for. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Stores what the provider says of an attempt, or passes on from a handset, as it came, in one short transaction.
 * Understanding it is work for later: the answer goes out first.
 */
@Injectable()
export class ReceiveCallback {
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
    const hash = hashSecret(secret);
    return this.transactions.run([], async tx => {
      const attempt = await this.attempts.bySecret(tx, hash);
      if (attempt === null) return 'forged';
      if (this.isOver(attempt)) return 'expired';
      await this.store(tx, kind, attempt, storable(raw));
      crashPoint('receipt.before-commit');
      tx.afterCommit(() => crashPoint('receipt.after-commit'));
      tx.afterCommit(() => this.wakeUps.announce(WORK_ON[kind]));
      return 'stored';
    });
  }

  private isOver({ startedAt }: CalledAttempt): boolean {
    return this.clock.now().getTime() >= startedAt.getTime() + this.config.callbackDays * DAY_MS;
  }

  private store(tx: Tx, kind: CallbackKind, { tenantId, attemptId }: CalledAttempt, raw: string): Promise<void> {
    const post = { id: this.ids.uuid(), attemptId, raw, receivedAt: this.clock.now() };
    switch (kind) {
      case 'receipt':
        return this.receipts.insert(tx, tenantId, post);
      case 'reply':
        return this.replies.insert(tx, tenantId, post);
    }
  }
}
