import { Injectable } from '@nestjs/common';
import { TenantStore } from '../accounts/index.js';
import type { Tx } from '../kernel/index.js';
import { SendWindows } from '../scheduling/index.js';
import type { Changing } from './change-message.js';
import { holdAt } from './departure.js';
import { OptOutCheck } from './opt-out-check.js';
import { SetAside } from './set-aside.js';
import { type Submission, SubmissionStore } from './submission.store.js';

/** Everything that may speak against a call, asked once more just before it. */
@Injectable()
export class LastLook {
  constructor(
    private readonly tenants: TenantStore,
    private readonly submissions: SubmissionStore,
    private readonly optOuts: OptOutCheck,
    private readonly setAside: SetAside,
    private readonly windows: SendWindows,
  ) {}

  /** The numbers (E.164) to call for; none where something speaks against it, and the submission went where it belongs. */
  async execute(tx: Tx, submission: Submission, { message, now }: Changing): Promise<readonly string[]> {
    const tenant = await this.tenants.find(tx, submission.tenantId);
    if (tenant?.status !== 'ACTIVE') {
      await this.setAside.forSuspension(tx, submission, now);
      return [];
    }
    if (submission.expiresAt <= now) {
      await this.setAside.asExpired(tx, submission, now);
      return [];
    }
    const hold = holdAt(this.windows, submission, now);
    if (hold !== null) {
      await this.setAside.untilOpening(tx, message, submission, { hold, now });
      return [];
    }
    const recipients = await this.optOuts.execute(tx, submission, now);
    if (recipients.length === 0)
      await this.submissions.move(tx, submission, ['QUEUED'], { state: 'DONE', now, dueAt: null });
    return recipients;
  }
}
