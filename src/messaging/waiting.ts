import type { SubmissionRow } from './submission.entity.js';
import type { WaitKind } from './wait-kind.js';

/** Why some recipients have not been sent to or are not settled, since when, and when it is looked at next. */
export interface WaitReason {
  readonly kind: WaitKind;
  readonly recipients: number;
  readonly since: Date;
  /** Null: when something else happens (a receipt, an administrator). */
  readonly nextCheckAt: Date | null;
  readonly explanation: string;
}

/** The account that is to carry a tenant's SMS refuses to send. */
export interface AccountBlock {
  readonly since: Date;
  readonly probeAt: Date;
  readonly reason: string;
}

/** What holds all of a tenant's submissions, whatever their own state says. */
export interface TenantWait {
  /** Null: the tenant is active. */
  readonly suspendedSince: Date | null;
  readonly block: AccountBlock | null;
}

type Waiting = Pick<
  SubmissionRow,
  | 'state'
  | 'sandbox'
  | 'waitKind'
  | 'waitSince'
  | 'waitDetail'
  | 'dueAt'
  | 'releaseAt'
  | 'hold'
  | 'waiting'
  | 'sent'
  | 'unconfirmed'
>;

/** Told for every state that can last; empty when nothing waits. What waits for the same reason is told together. */
export function waitReasonsOf(submissions: readonly Waiting[], tenant: TenantWait): WaitReason[] {
  const reasons = new Map<string, WaitReason>();
  for (const submission of submissions) {
    const reason = reasonOf(submission, tenant);
    if (reason === null) continue;
    const key = `${reason.kind} ${reason.explanation}`;
    const known = reasons.get(key);
    reasons.set(key, known === undefined ? reason : together(known, reason));
  }
  return [...reasons.values()];
}

function reasonOf(submission: Waiting, { suspendedSince, block }: TenantWait): WaitReason | null {
  const since = submission.waitSince;
  const waits = { recipients: submission.waiting, since, nextCheckAt: submission.releaseAt };
  switch (submission.state) {
    case 'SCHEDULED':
      return suspendedSince
        ? suspended(waits, suspendedSince)
        : { ...waits, kind: 'SCHEDULE', explanation: 'The tenant asked for this time.' };
    case 'HELD':
      return suspendedSince
        ? suspended(waits, suspendedSince)
        : { ...waits, kind: 'LAW', explanation: submission.hold?.explanation ?? 'Held by quiet hours.' };
    case 'QUEUED':
      return suspendedSince ? suspended(waits, suspendedSince) : queued(submission, block);
    case 'SENDING':
      return {
        ...waits,
        kind: 'QUEUE',
        nextCheckAt: submission.dueAt,
        explanation: 'It is being handed to the provider.',
      };
    case 'UNCONFIRMED':
      return doubtful(submission);
    case 'DONE':
      return submission.sent === 0
        ? null
        : {
            kind: 'RECEIPT',
            recipients: submission.sent,
            since,
            nextCheckAt: submission.dueAt,
            explanation: 'The provider has it; a delivery receipt is awaited.',
          };
  }
}

const doubtful = ({ unconfirmed, waitSince, waitDetail, dueAt }: Waiting): WaitReason => ({
  kind: 'DOUBT',
  recipients: unconfirmed,
  since: waitSince,
  nextCheckAt: dueAt,
  explanation: `The provider's answer is not known (${waitDetail ?? 'no answer'}); it is not sent again blindly. A receipt settles it, or asking the provider.`,
});

const suspended = (waits: Pick<WaitReason, 'recipients' | 'since'>, suspendedSince: Date): WaitReason => ({
  recipients: waits.recipients,
  since: waits.since > suspendedSince ? waits.since : suspendedSince,
  kind: 'TENANT_SUSPENDED',
  nextCheckAt: null,
  explanation:
    'The tenant is suspended; it waits until an administrator reactivates it. Its validity goes on meanwhile.',
});

const QUEUE_EXPLANATIONS = {
  RATE_LIMIT: 'The provider asked to slow down',
  PROVIDER_DOWN: 'The provider could not be reached',
  PROVIDER_ACCOUNT: 'The provider account refuses to send; operators are alarmed',
} as const;

function queued(
  { sandbox, waitKind, waitDetail, waitSince, dueAt, waiting }: Waiting,
  block: AccountBlock | null,
): WaitReason {
  if (block !== null && !sandbox) {
    return {
      recipients: waiting,
      since: waitSince > block.since ? waitSince : block.since,
      kind: 'PROVIDER_ACCOUNT',
      nextCheckAt: block.probeAt,
      explanation: `${QUEUE_EXPLANATIONS.PROVIDER_ACCOUNT} (${block.reason}); it is tried again.`,
    };
  }
  const reason = { recipients: waiting, since: waitSince, nextCheckAt: dueAt };
  const detail = waitDetail === null ? '' : ` (${waitDetail})`;
  if (waitKind !== 'RATE_LIMIT' && waitKind !== 'PROVIDER_DOWN' && waitKind !== 'PROVIDER_ACCOUNT') {
    return { ...reason, kind: 'QUEUE', explanation: `It is in the queue for the provider${detail}.` };
  }
  return { ...reason, kind: waitKind, explanation: `${QUEUE_EXPLANATIONS[waitKind]}${detail}; it is tried again.` };
}

const together = (a: WaitReason, b: WaitReason): WaitReason => ({
  ...(earliest(a.nextCheckAt, b.nextCheckAt) === a.nextCheckAt ? a : b),
  recipients: a.recipients + b.recipients,
  since: a.since <= b.since ? a.since : b.since,
  nextCheckAt: earliest(a.nextCheckAt, b.nextCheckAt),
});

const earliest = (a: Date | null, b: Date | null): Date | null => (a === null ? b : b === null || a <= b ? a : b);
