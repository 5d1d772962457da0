import { asTenantId, type TenantId } from '../kernel/index.js';

/** What the provider posted, as it came. */
export interface RawPost {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly attemptId: string;
  readonly raw: string;
  readonly receivedAt: Date;
}

/** A lease to be put on stored posts. */
export interface PostsLease {
  readonly id: string;
  readonly now: Date;
  readonly until: Date;
  /** Of how many attempts. */
  readonly limit: number;
}

/** Stored receipts or replies of one attempt, in this worker's hands until their lease ends. */
export interface ClaimedPosts {
  readonly tenantId: TenantId;
  readonly attemptId: string;
  readonly ids: readonly string[];
  readonly lease: string;
}

/** What a claim answered, together by attempt. */
export function byAttempt(
  rows: readonly { readonly tenantId: string; readonly attemptId: string; readonly id: string }[],
  lease: string,
): ClaimedPosts[] {
  return [...Map.groupBy(rows, row => row.attemptId)].map(([attemptId, posts]) => ({
    tenantId: asTenantId(posts[0]?.tenantId ?? ''),
    attemptId,
    ids: posts.map(post => post.id),
    lease,
  }));
}
