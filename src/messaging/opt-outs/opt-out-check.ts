import { Injectable } from '@nestjs/common';
import type { TenantId, Tx } from '../../kernel/index.js';
import { DeliveryStore } from '../delivery.store.js';
import { recipientsInWords } from '../explain.js';
import { GiveBack } from '../give-back.js';
import { changesOf, idsOf, type InHand } from '../leaving/in-hand.js';
import { TimelineStore } from '../timeline.store.js';
import { OptOutStore } from './opt-out.store.js';

/** Within this, reading answers is simply under way; beyond the longest, something is wrong with them that time does not mend. */
const UNDER_WAY_MS = 1_000;
const LONGEST_UNREAD_MS = 24 * 60 * 60 * 1_000;

/** STOP is final for commercial messages, those already accepted included: asked again at release and at dispatch. */
@Injectable()
export class OptOutCheck {
  constructor(
    private readonly optOuts: OptOutStore,
    private readonly deliveries: DeliveryStore,
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
  ) {}

  /** Whether a STOP may have come that nobody has read yet: after an outage of those who read them, all leave at once. */
  mayBeUnheard(tx: Tx, tenantId: TenantId, now: Date): Promise<boolean> {
    const ago = (ms: number): Date => new Date(now.getTime() - ms);
    return this.optOuts.areUnread(tx, tenantId, { after: ago(LONGEST_UNREAD_MS), before: ago(UNDER_WAY_MS) });
  }

  /** Ends and pays back those who opted out meanwhile; answers the numbers (E.164) that still wait, by submission. */
  async execute(tx: Tx, tenantId: TenantId, members: readonly InHand[]): Promise<ReadonlyMap<string, string[]>> {
    const commercial = members.filter(({ submission }) => submission.category === 'COMMERCIAL');
    const phoneNumbers = await this.optOuts.waitingIn(tx, tenantId, idsOf(commercial));
    if (phoneNumbers.length > 0) {
      const of = { changes: changesOf(commercial), submissionIds: idsOf(commercial), phoneNumbers };
      const ended = await this.giveBack.execute(tx, of, { status: 'OPTED_OUT', errorCode: null, errorMessage: null });
      const events = [...ended].map(([messageId, recipients]) => {
        return { messageId, kind: 'opted-out', detail: `${recipientsInWords(recipients)}, paid back` } as const;
      });
      await this.timeline.addAll(tx, tenantId, events);
    }
    return this.deliveries.waiting(tx, tenantId, idsOf(members));
  }
}
