import { Injectable } from '@nestjs/common';
import type { Tx } from '../../kernel/index.js';
import type { RefusedRecipient } from '../../providers/index.js';
import { recipientsInWords } from '../explain.js';
import { GiveBack } from '../give-back.js';
import { TimelineStore } from '../timeline.store.js';
import { changesOf, idsOf, type InHand } from './in-hand.js';

export interface Refusal {
  readonly code: string;
  readonly reason: string;
  /** Null: everybody. */
  readonly recipients: readonly RefusedRecipient[] | null;
}

/** Ends and pays back what the provider refused: never retried. */
@Injectable()
export class RefuseRecipients {
  constructor(
    private readonly giveBack: GiveBack,
    private readonly timeline: TimelineStore,
  ) {}

  async execute(tx: Tx, members: readonly InHand[], { code, reason, recipients }: Refusal): Promise<void> {
    const [first] = members;
    if (first === undefined) return;
    const ended = new Map<string, number>();
    const of = { changes: changesOf(members), submissionIds: idsOf(members) };
    const all = { ...of, errorCode: code, errorMessage: reason };
    // Those refused for the same reason together: a call carries hundreds.
    const alike = Map.groupBy(recipients ?? [], refused => `${refused.code} ${refused.reason}`);
    const each =
      recipients &&
      [...alike.values()].flatMap(([refused, ...others]) => {
        if (refused === undefined) return [];
        const phoneNumbers = [refused, ...others].map(({ phoneNumber }) => phoneNumber);
        return [{ ...of, phoneNumbers, errorCode: refused.code, errorMessage: refused.reason }];
      });
    for (const { errorCode, errorMessage, ...which } of each ?? [all]) {
      const counts = await this.giveBack.execute(tx, which, { status: 'REFUSED', errorCode, errorMessage });
      for (const [messageId, count] of counts) ended.set(messageId, (ended.get(messageId) ?? 0) + count);
    }
    const events = [...ended].map(([messageId, count]) => {
      return { messageId, kind: 'refused', detail: `${recipientsInWords(count)}, paid back: ${reason}` } as const;
    });
    await this.timeline.addAll(tx, first.submission.tenantId, events);
  }
}
