import { Injectable } from '@nestjs/common';
import type { Tx } from '../../kernel/index.js';
import { DeliveryStore } from '../delivery.store.js';
import { recipientsInWords } from '../explain.js';
import { GiveBack } from '../give-back.js';
import { OptOutStore } from './opt-out.store.js';
import type { Submission } from '../submission.store.js';
import { TimelineStore } from '../timeline.store.js';

/** STOP is final for commercial messages, those already accepted included: asked again at release and at dispatch. */
@Injectable()
export class OptOutCheck {
  constructor(
    private readonly optOuts: OptOutStore,
    private readonly deliveries: DeliveryStore,
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
  ) {}

  /** Ends and pays back those who opted out meanwhile; answers the numbers (E.164) that still wait. */
  async execute(tx: Tx, submission: Submission, now: Date): Promise<string[]> {
    const { tenantId, messageId, id, category } = submission;
    if (category === 'COMMERCIAL') {
      const phoneNumbers = await this.optOuts.waitingIn(tx, tenantId, id);
      if (phoneNumbers.length > 0) {
        const of = { tenantId, messageId, submissionId: id, phoneNumbers };
        const ended = await this.giveBack.execute(tx, of, {
          status: 'OPTED_OUT',
          errorCode: null,
          errorMessage: null,
          now,
        });
        await this.timeline.add(tx, tenantId, messageId, {
          kind: 'opted-out',
          detail: `${recipientsInWords(ended)}, paid back`,
        });
      }
    }
    return this.deliveries.waitingNumbers(tx, tenantId, id);
  }
}
