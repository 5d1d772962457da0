import { Injectable } from '@nestjs/common';
import { TenantStore } from '../../accounts/index.js';
import { type TenantId, type Tx, WakeUps } from '../../kernel/index.js';
import { SendWindows } from '../../scheduling/index.js';
import { holdAt } from '../asking/departure.js';
import { OptOutCheck } from '../opt-outs/opt-out-check.js';
import { Suppression } from '../opt-outs/suppression.js';
import { SubmissionStore } from '../submission.store.js';
import { AccountsAtHand } from './accounts-at-hand.js';
import type { Carrier } from './carriers.js';
import { idsOf, type InHand, touchAll } from './in-hand.js';
import { type Held, SetAside } from './set-aside.js';
import { WORK } from './work-topics.js';

/** A submission that may leave, and to whom. */
export interface Leaving extends InHand {
  /** E.164. */
  readonly recipients: readonly string[];
}

/** What to call for, through whom, and until when the call may start. */
export interface PermissionToCall {
  /** At least one; no number twice among them. */
  readonly leaving: readonly Leaving[];
  readonly carrier: Carrier;
  /** The account is blocked: this call finds out whether it still is. */
  readonly probe: boolean;
  /** Soon after the attempt is committed, and before a window closes: a process may freeze in between. */
  readonly startBefore: Date;
}

const START_WITHIN_MS = 5_000;
const READ_REPLIES_MS = 1_000;

/** Everything that may speak against a call, asked once more just before it. */
@Injectable()
export class LastLook {
  constructor(
    private readonly tenants: TenantStore,
    private readonly submissions: SubmissionStore,
    private readonly optOuts: OptOutCheck,
    private readonly suppression: Suppression,
    private readonly accounts: AccountsAtHand,
    private readonly setAside: SetAside,
    private readonly windows: SendWindows,
    private readonly wakeUps: WakeUps,
  ) {}

  /** Queued submissions of one tenant. What something speaks against goes where it belongs; null: that is all of it. */
  async execute(tx: Tx, tenantId: TenantId, members: readonly InHand[]): Promise<PermissionToCall | null> {
    const tenant = await this.tenants.find(tx, tenantId);
    if (tenant?.status !== 'ACTIVE') {
      // Suspended a moment ago: it waits where it is, and is not claimed again before its tenant is active.
      await this.setAside.quietly(tx, members);
      return null;
    }
    const inTime = await this.keepHeard(tx, tenantId, await this.keepInTime(tx, members));
    const [first] = inTime;
    if (first === undefined) return null;
    const account = await this.accounts.take(tx, first.changing);
    if (!account.ok) {
      await this.setAside.inQueue(tx, inTime, () => account.wait);
      return null;
    }
    const { carrier, probe } = account;
    const leaving = await this.keepWanted(tx, tenantId, inTime, carrier);
    if (leaving.length === 0) return null;
    const limits = leaving.map(({ submission, changing }) => this.startBefore(submission, changing.now).getTime());
    return { leaving, carrier, probe, startBefore: new Date(Math.min(...limits)) };
  }

  private async keepInTime(tx: Tx, members: readonly InHand[]): Promise<InHand[]> {
    const inTime: InHand[] = [];
    const held: Held[] = [];
    const expired: InHand[] = [];
    for (const member of members) {
      const { submission, changing } = member;
      // The law first: what it takes is given back to the validity.
      const hold = holdAt(this.windows, submission, changing.now);
      if (hold !== null) held.push({ member, hold });
      else if (submission.expiresAt <= changing.now) expired.push(member);
      else inTime.push(member);
    }
    if (held.length > 0) await this.setAside.untilOpening(tx, held);
    if (expired.length > 0) await this.setAside.asExpired(tx, expired);
    return inTime;
  }

  /** Commercial SMS wait for answers that came and are not read: there may be a STOP among them. */
  private async keepHeard(tx: Tx, tenantId: TenantId, members: readonly InHand[]): Promise<readonly InHand[]> {
    const commercial = members.filter(({ submission }) => submission.category === 'COMMERCIAL');
    const [first] = commercial;
    if (first === undefined || !(await this.optOuts.mayBeUnheard(tx, tenantId, first.changing.now))) return members;
    const dueAt = new Date(first.changing.now.getTime() + READ_REPLIES_MS);
    const waitDetail = 'answers from handsets are read first: one may be a STOP';
    await this.setAside.quietly(tx, commercial, { dueAt, waitDetail });
    return members.filter(({ submission }) => submission.category !== 'COMMERCIAL');
  }

  /** Those who have not opted out, each number once: a second text to the same number goes in a call of its own. */
  private async keepWanted(
    tx: Tx,
    tenantId: TenantId,
    members: readonly InHand[],
    carrier: Carrier,
  ): Promise<readonly Leaving[]> {
    const waiting = await this.optOuts.execute(tx, tenantId, members);
    const suppressed = await this.suppression.execute(tx, members, carrier);
    const wanted = ({ submission }: InHand): string[] =>
      (waiting.get(submission.id) ?? []).filter(phoneNumber => !suppressed.has(phoneNumber));
    const done = members.filter(member => wanted(member).length === 0);
    const [first] = done;
    if (first !== undefined) {
      touchAll(done);
      await this.submissions.finish(tx, tenantId, idsOf(done), ['QUEUED'], first.changing.now);
    }
    const numbers = new Set<string>();
    const leaving: Leaving[] = [];
    const later: InHand[] = [];
    for (const member of members) {
      const recipients = wanted(member);
      if (recipients.length === 0) continue;
      if (recipients.some(number => numbers.has(number))) {
        later.push(member);
        continue;
      }
      for (const number of recipients) numbers.add(number);
      leaving.push({ ...member, recipients });
    }
    if (later.length > 0) {
      await this.setAside.quietly(tx, later);
      tx.afterCommit(() => this.wakeUps.announce(WORK.dispatch));
    }
    return leaving;
  }

  private startBefore({ category, territory }: InHand['submission'], now: Date): Date {
    const soon = new Date(now.getTime() + START_WITHIN_MS);
    if (category === 'TRANSACTIONAL') return soon;
    const { closesAt } = this.windows.at(territory, now);
    return closesAt < soon ? closesAt : soon;
  }
}
