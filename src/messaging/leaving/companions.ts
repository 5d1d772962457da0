import { Injectable } from '@nestjs/common';
import { AppConfig, Clock, type Tx } from '../../kernel/index.js';
import { Providers } from '../../providers/index.js';
import { DeliveryStore } from '../delivery.store.js';
import type { Message } from '../message.js';
import { MessageStore } from '../message.store.js';
import { RECIPIENTS_PER_SUBMISSION } from '../recipients/split-by-territory.js';
import { type Submission, SubmissionStore } from '../submission.store.js';
import { isToOne } from '../to-one.js';
import { AccountsAtHand } from './accounts-at-hand.js';
import { LEASE_MS } from './work-topics.js';

/** Messages under their locks, and those of their submissions that go along. */
export interface Along {
  readonly messages: readonly Message[];
  readonly submissions: readonly Submission[];
}

const NOBODY: Along = { messages: [], submissions: [] };

/**
 * What goes along with a submission in one call. Texts to one recipient each, of one tenant and the same options, go together,
 * up to 500: the provider counts calls, so that is how many small messages leave in time. A text to many goes by itself.
 */
@Injectable()
export class Companions {
  constructor(
    private readonly messages: MessageStore,
    private readonly submissions: SubmissionStore,
    private readonly deliveries: DeliveryStore,
    private readonly accounts: AccountsAtHand,
    private readonly providers: Providers,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** The caller has locked `lead`. */
  async of(tx: Tx, lead: Message, submission: Submission): Promise<Along> {
    const { category, sandbox, together } = submission;
    const most = Math.min(together ?? RECIPIENTS_PER_SUBMISSION, this.config.providerMessagesPerCall) - 1;
    if (!isToOne(submission) || most === 0 || this.isSimulated(lead)) return NOBODY;
    const now = this.clock.now();
    const claimedUntil = new Date(now.getTime() + LEASE_MS);
    const wanted = { category, sandbox, together, now, claimedUntil, most };
    const [messages, mayShare] = await Promise.all([
      this.messages.lockCompanions(tx, lead, wanted),
      this.mayShare(tx, lead),
    ]);
    if (messages.length === 0 || !mayShare) return NOBODY;
    // Read under the locks: one may have left since it was looked for.
    const messageIds = messages.map(({ id }) => id);
    const queued = await this.submissions.queuedOf(tx, lead.tenantId, messageIds, now);
    const alike = queued.filter(other => other.together === together);
    return { messages, submissions: (await this.eachNumberOnce(tx, submission, alike)).slice(0, most) };
  }

  /** A second text to a number waits on as if nobody had looked: alerts to one telephone are many. */
  private async eachNumberOnce(tx: Tx, lead: Submission, others: readonly Submission[]): Promise<Submission[]> {
    const ids = [lead, ...others].map(({ id }) => id);
    const waiting = await this.deliveries.waiting(tx, lead.tenantId, ids);
    const numbers = new Set(waiting.get(lead.id));
    return others.filter(({ id }) => {
      const [number] = waiting.get(id) ?? [];
      if (number === undefined || numbers.has(number)) return false;
      numbers.add(number);
      return true;
    });
  }

  /** A batch was asked for together. Others share no fate where that may be a bad one: the simulator's magic numbers decide a whole call. */
  private isSimulated(lead: Message): boolean {
    return lead.batchId === null && this.providers.carrierOf(lead) === this.providers.simulator;
  }

  /** With an account or a provider in trouble, a call only tries whether that is over. */
  private async mayShare(tx: Tx, lead: Message): Promise<boolean> {
    return lead.batchId !== null || !(await this.accounts.isTroubled(tx, lead));
  }
}
