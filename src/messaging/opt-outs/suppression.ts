import { Injectable } from '@nestjs/common';
import type { Tx } from '../../kernel/index.js';
import { recipientsInWords } from '../explain.js';
import { GiveBack } from '../give-back.js';
import type { Carrier } from '../leaving/carriers.js';
import { changesOf, idsOf, type InHand } from '../leaving/in-hand.js';
import { TimelineStore } from '../timeline.store.js';
import { OptOutStore } from './opt-out.store.js';

/** What a tenant is told: that it does not go, not who asked whom to stop. */
const REFUSED = {
  status: 'REFUSED',
  errorCode: 'SUPPRESSED',
  errorMessage: 'The provider account does not carry commercial SMS to this number.',
} as const;

/**
 * The STOP list of the platform's own provider account. Many tenants share that account, so the list is hidden and
 * read-only: it suppresses at dispatch, and no tenant learns or lifts another's.
 */
@Injectable()
export class Suppression {
  constructor(
    private readonly optOuts: OptOutStore,
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
  ) {}

  /** Ends and pays back whoever stands on the list, where the platform's account is to carry commercial SMS; answers whom. */
  async execute(tx: Tx, members: readonly InHand[], { owner }: Carrier): Promise<ReadonlySet<string>> {
    const commercial = members.filter(({ submission }) => submission.category === 'COMMERCIAL');
    const [first] = commercial;
    if (owner !== 'platform' || first === undefined) return new Set();
    const { tenantId } = first.submission;
    const phoneNumbers = await this.optOuts.suppressedIn(tx, tenantId, idsOf(commercial));
    if (phoneNumbers.length === 0) return new Set();
    const of = { changes: changesOf(commercial), submissionIds: idsOf(commercial), phoneNumbers };
    const ended = await this.giveBack.execute(tx, of, REFUSED);
    const events = [...ended].map(([messageId, recipients]) => {
      const detail = `${recipientsInWords(recipients)}, paid back: ${REFUSED.errorMessage}`;
      return { messageId, kind: 'refused', detail } as const;
    });
    await this.timeline.addAll(tx, tenantId, events);
    return new Set(phoneNumbers);
  }
}
