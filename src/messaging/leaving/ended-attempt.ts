import type { TenantId } from '../../kernel/index.js';
import type { InHand } from './in-hand.js';

/** An attempt that has its end now, and what it carried. The caller holds the messages' locks and refreshes them. */
export interface EndedAttempt {
  readonly tenantId: TenantId;
  readonly attemptId: string;
  readonly members: readonly InHand[];
  readonly now: Date;
}

/** Where a call may leave its submissions. */
export const UNDER_WAY = ['SENDING', 'UNCONFIRMED'] as const;
