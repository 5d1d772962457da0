import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import { byAttempt, type ClaimedPosts, type PostsLease, type RawPost } from '../claimed-posts.js';
import type { ReplyPostRow } from './reply-post.entity.js';

/** The attempt that posts came to, under its lock. */
export interface AnsweredAttempt {
  readonly tenantId: TenantId;
  readonly attemptId: string;
  /** The first message it carried. */
  readonly messageId: string;
}

export type ReplyPost = Pick<
  ReplyPostRow,
  'id' | 'raw' | 'digest' | 'state' | 'concatKey' | 'concatPart' | 'receivedAt'
>;

const COLUMNS = `id, raw, digest, state, concat_key as "concatKey", concat_part as "concatPart", received_at as "receivedAt"`;

@Injectable()
export class ReplyPostStore {
  /** Of several tenants, which the transaction must see. */
  async insert(tx: Tx, posts: readonly RawPost[]): Promise<void> {
    await tx.rows(
      `insert into reply_posts (tenant_id, id, attempt_id, raw, digest, state, received_at, due_at)
       select p.tenant_id, p.id, p.attempt_id, p.raw, p.digest, 'NEW', p.received_at, p.received_at
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bytea[], $6::timestamptz[])
           as p (tenant_id, id, attempt_id, raw, digest, received_at)`,
      [
        posts.map(({ tenantId }) => tenantId),
        posts.map(({ id }) => id),
        posts.map(({ attemptId }) => attemptId),
        posts.map(({ raw }) => raw),
        posts.map(({ raw }) => createHash('sha256').update(raw).digest()),
        posts.map(({ receivedAt }) => receivedAt),
      ],
    );
  }

  /** Posts that are to be read, and parts that have waited long enough, over all tenants (a named function). */
  async claim(tx: Tx, lease: PostsLease): Promise<ClaimedPosts[]> {
    const rows = await tx.rows<{ tenantId: string; attemptId: string; id: string }>(
      `select tenant_id as "tenantId", attempt_id as "attemptId", id from claim_reply_posts($1, $2, $3, $4)`,
      [lease.now, lease.until, lease.id, lease.limit],
    );
    return byAttempt(rows, lease.id);
  }

  /** Who reads an attempt's posts reads alone: what is a repeat, and which part is the last, is told from the others. */
  async lockAttempt(tx: Tx, tenantId: TenantId, attemptId: string): Promise<AnsweredAttempt | null> {
    const row = await tx.first<{ messageId: string }>(
      'select message_id as "messageId" from attempts where tenant_id = $1 and id = $2 for no key update',
      [tenantId, attemptId],
    );
    return row && { tenantId, attemptId, messageId: row.messageId };
  }

  /** Those of the claimed that are still held; in the order in which they came. */
  held(tx: Tx, { tenantId, ids, lease }: ClaimedPosts): Promise<ReplyPost[]> {
    return tx.rows(
      `select ${COLUMNS} from reply_posts where tenant_id = $1 and id = any($2) and lease = $3 order by received_at, id`,
      [tenantId, ids, lease],
    );
  }

  /** Whether the attempt got the very same bytes before or since: within `withinMs` of them, or ever (null). */
  async isRepeated(
    tx: Tx,
    { tenantId, attemptId }: AnsweredAttempt,
    post: ReplyPost,
    withinMs: number | null,
  ): Promise<boolean> {
    const same = await tx.first(
      `select 1 from reply_posts where tenant_id = $1 and attempt_id = $2 and digest = $3 and id <> $4 and state <> 'NEW'
          and ($5::timestamptz is null or received_at between $5 and $6) limit 1`,
      [
        tenantId,
        attemptId,
        post.digest,
        post.id,
        withinMs === null ? null : new Date(post.receivedAt.getTime() - withinMs),
        withinMs === null ? null : new Date(post.receivedAt.getTime() + withinMs),
      ],
    );
    return same !== null;
  }

  /** The parts of one answer that have come and still wait, in their order. */
  waitingParts(tx: Tx, { tenantId, attemptId }: AnsweredAttempt, concatKey: string): Promise<ReplyPost[]> {
    return tx.rows(
      `select ${COLUMNS} from reply_posts where tenant_id = $1 and attempt_id = $2 and concat_key = $3 and state = 'PART'
        order by concat_part`,
      [tenantId, attemptId, concatKey],
    );
  }

  /** It waits for the others until `dueAt`. */
  async keepAsPart(
    tx: Tx,
    tenantId: TenantId,
    id: string,
    part: { readonly concatKey: string; readonly concatPart: number; readonly dueAt: Date },
  ): Promise<void> {
    await tx.rows(
      `update reply_posts set state = 'PART', concat_key = $3, concat_part = $4, due_at = $5, lease = null
        where tenant_id = $1 and id = $2 and state = 'NEW'`,
      [tenantId, id, part.concatKey, part.concatPart, part.dueAt],
    );
  }

  /** The worker's last word on them. */
  async finish(
    tx: Tx,
    tenantId: TenantId,
    ids: readonly string[],
    end: {
      readonly state: 'READ' | 'REPEATED' | 'UNREADABLE';
      readonly replyId?: string;
      readonly reason?: string;
    },
  ): Promise<void> {
    await tx.rows(
      `update reply_posts set state = $3, reply_id = $4, reason = $5, due_at = null, lease = null
        where tenant_id = $1 and id = any($2) and state in ('NEW', 'PART')`,
      [tenantId, ids, end.state, end.replyId ?? null, end.reason ?? null],
    );
  }
}
