import { Injectable } from '@nestjs/common';
import { Clock, Ids, Metrics, type TenantId, Transactions, type Tx } from '../../kernel/index.js';
import type { ClaimedPosts } from '../claimed-posts.js';
import { KeepReply } from './keep-reply.js';
import { type AnsweredAttempt, type ReplyPost, ReplyPostStore } from './reply-post.store.js';
import { joinParts, type ReadPost, readPost } from './whole-reply.js';

const LEASE_MS = 30_000;
/** A part waits for the others this long, from when it was read. */
const PARTS_MS = 10 * 60_000;
/**
 * The same bytes within so long of one another are the provider saying it again, which it does where our answer did not
 * reach it: within minutes, since we answer at once. A customer who answers "Oui" twice does so later, or is understood the
 * first time. Bytes that carry an id of the answer's own are the same answer whenever they come.
 */
const REPEATED_WITHIN_MS = 15 * 60_000;

/** Takes stored posts, an attempt's together, and makes answers of them, in one transaction with the posts' own end. */
@Injectable()
export class ReadReplies {
  constructor(
    private readonly transactions: Transactions,
    private readonly posts: ReplyPostStore,
    private readonly keeping: KeepReply,
    private readonly metrics: Metrics,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** Those of up to `limit` attempts. */
  claim(limit: number): Promise<ClaimedPosts[]> {
    const now = this.clock.now();
    const lease = { id: this.ids.uuid(), now, until: new Date(now.getTime() + LEASE_MS), limit };
    return this.transactions.run([], tx => this.posts.claim(tx, lease));
  }

  async read(claimed: ClaimedPosts): Promise<void> {
    await this.transactions.run(claimed.tenantId, async tx => {
      const attempt = await this.posts.lockAttempt(tx, claimed.tenantId, claimed.attemptId);
      const held = await this.posts.held(tx, claimed);
      if (attempt === null) return this.giveUp(tx, claimed, held, 'its attempt is gone');
      // What has come may complete what has waited long enough.
      for (const post of held) if (post.concatKey === null) await this.readNew(tx, attempt, post);
      for (const { concatKey } of held) if (concatKey !== null) await this.join(tx, attempt, concatKey);
    });
  }

  private async readNew(tx: Tx, attempt: AnsweredAttempt, post: ReplyPost): Promise<void> {
    const reading = readPost(post.raw ?? '');
    const withinMs = reading.ok && reading.post.isNamed ? null : REPEATED_WITHIN_MS;
    if (await this.posts.isRepeated(tx, attempt, post, withinMs)) {
      // It may be a STOP said anew, after the first one was lifted: of an opt-out too many nobody takes harm.
      if (reading.ok && !reading.post.isNamed) await this.keeping.onlyOptOut(tx, attempt, reading.post.reply);
      return this.passOver(tx, attempt, post);
    }
    if (!reading.ok) return this.giveUp(tx, attempt, [post], reading.reason);
    const { part, reply } = reading.post;
    return part === null ? this.keep(tx, attempt, [post], reply) : this.takePart(tx, attempt, post, reading.post);
  }

  private async takePart(tx: Tx, attempt: AnsweredAttempt, post: ReplyPost, { part, reply }: ReadPost): Promise<void> {
    if (part === null) return;
    const come = await this.posts.waitingParts(tx, attempt, part.key);
    if (come.some(({ concatPart }) => concatPart === part.number)) return this.passOver(tx, attempt, post);
    const dueAt = new Date(this.clock.now().getTime() + PARTS_MS);
    const kept = { concatKey: part.key, concatPart: part.number, dueAt };
    await this.posts.keepAsPart(tx, attempt.tenantId, post.id, kept);
    // What the provider calls a STOP does not wait for the rest.
    if (reply.kind === 'stop') await this.keeping.onlyOptOut(tx, attempt, reply);
    if (come.length + 1 === part.total) await this.join(tx, attempt, part.key);
  }

  /** All of them, or those that came in time. None where another post of the same claim has joined them just now. */
  private async join(tx: Tx, attempt: AnsweredAttempt, concatKey: string): Promise<void> {
    const posts = await this.posts.waitingParts(tx, attempt, concatKey);
    const readings = posts.map(({ raw }) => readPost(raw ?? ''));
    const reply = joinParts(readings.flatMap(reading => (reading.ok ? [reading.post] : [])));
    if (reply !== null) await this.keep(tx, attempt, posts, reply);
    else if (posts.length > 0) await this.giveUp(tx, attempt, posts, 'its parts cannot be read any more');
  }

  private async keep(
    tx: Tx,
    attempt: AnsweredAttempt,
    posts: readonly ReplyPost[],
    reply: ReadPost['reply'],
  ): Promise<void> {
    const receivedAt = new Date(Math.max(...posts.map(post => post.receivedAt.getTime())));
    const { id: replyId, kind } = await this.keeping.execute(tx, attempt, reply, receivedAt);
    this.count(tx, kind);
    const ids = posts.map(({ id }) => id);
    await this.posts.finish(tx, attempt.tenantId, ids, { state: 'READ', replyId });
  }

  private passOver(tx: Tx, { tenantId }: AnsweredAttempt, { id }: ReplyPost): Promise<void> {
    this.count(tx, 'repeated');
    return this.posts.finish(tx, tenantId, [id], { state: 'REPEATED' });
  }

  private giveUp(
    tx: Tx,
    { tenantId }: { readonly tenantId: TenantId },
    posts: readonly ReplyPost[],
    reason: string,
  ): Promise<void> {
    for (const _ of posts) this.count(tx, 'unreadable');
    const ids = posts.map(({ id }) => id);
    return this.posts.finish(tx, tenantId, ids, { state: 'UNREADABLE', reason });
  }

  private count(tx: Tx, end: 'response' | 'stop' | 'repeated' | 'unreadable'): void {
    tx.afterCommit(() => this.metrics.replies.inc({ end }));
  }
}
