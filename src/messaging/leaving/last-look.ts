import { Injectable } from '@nestjs/common';
import { TenantStore } from '../../accounts/index.js';
import type { Tx } from '../../kernel/index.js';
import { SendWindows } from '../../scheduling/index.js';
import { type Carrier, Carriers } from './carriers.js';
import type { Changing } from '../change-message.js';
import { holdAt } from '../asking/departure.js';
import { OptOutCheck } from '../opt-outs/opt-out-check.js';
import { SetAside } from './set-aside.js';
import { type Submission, SubmissionStore } from '../submission.store.js';

/** Whom to call for, through whom, and until when the call may start. */
export interface PermissionToCall {
  /** E.164. */
  readonly recipients: readonly string[];
  readonly carrier: Carrier;
  /** Soon after the attempt is committed, and before the window closes: a process may freeze in between. */
  readonly startBefore: Date;
}

const START_WITHIN_MS = 5_000;

const UNREADABLE_CREDENTIAL = {
  code: 'CREDENTIAL_UNREADABLE',
  reason: "the tenant's provider credential does not open: it was sealed under another MASTER_KEY, or is damaged",
} as const;

/** Everything that may speak against a call, asked once more just before it. */
@Injectable()
export class LastLook {
  constructor(
    private readonly tenants: TenantStore,
    private readonly submissions: SubmissionStore,
    private readonly optOuts: OptOutCheck,
    private readonly carriers: Carriers,
    private readonly setAside: SetAside,
    private readonly windows: SendWindows,
  ) {}

  /** Null where something speaks against a call; the submission then went where it belongs. */
  async execute(tx: Tx, submission: Submission, { message, now }: Changing): Promise<PermissionToCall | null> {
    const tenant = await this.tenants.find(tx, submission.tenantId);
    if (tenant?.status !== 'ACTIVE') {
      await this.setAside.forSuspension(tx, submission, now);
      return null;
    }
    // The law first: what it takes is given back to the validity.
    const hold = holdAt(this.windows, submission, now);
    if (hold !== null) {
      await this.setAside.untilOpening(tx, submission, { hold, now });
      return null;
    }
    if (submission.expiresAt <= now) {
      await this.setAside.asExpired(tx, submission, now);
      return null;
    }
    const recipients = await this.optOuts.execute(tx, submission, now);
    if (recipients.length === 0) {
      await this.submissions.move(tx, submission, ['QUEUED'], { state: 'DONE', now, dueAt: null });
      return null;
    }
    const carrier = await this.carriers.carrierOf(tx, message);
    if (carrier === null) {
      await this.setAside.forAccount(tx, submission, { ...UNREADABLE_CREDENTIAL, now });
      return null;
    }
    return { recipients, carrier, startBefore: this.startBefore(submission, now) };
  }

  private startBefore(submission: Submission, now: Date): Date {
    const soon = new Date(now.getTime() + START_WITHIN_MS);
    if (submission.category === 'TRANSACTIONAL') return soon;
    const { closesAt } = this.windows.at(submission.territory, now);
    return closesAt < soon ? closesAt : soon;
  }
}
