import { Injectable } from '@nestjs/common';
import { Transactions } from '../../kernel/index.js';
import type { Answer, ProviderCredential, SmsProvider } from '../../providers/index.js';
import type { SyncClaim } from './opt-out-sync.store.js';
import { ProviderRate } from '../leaving/provider-rate.js';
import { ProviderListStore } from './provider-list.store.js';

/** Whom to ask, and on whose account. */
export interface ListedAccount {
  readonly provider: SmsProvider;
  /** Null: the platform's. */
  readonly credential: ProviderCredential | null;
}

export interface Pushed {
  readonly added: number;
  readonly deleted: number;
  readonly unanswered: number;
}

interface Told {
  readonly done: number;
  readonly unanswered: number;
}

// One call each: an account with more to say goes on with its next sync, and keeps the others waiting for minutes at most.
const AT_MOST = 500;
// One number may be refused for its own sake; this many in a row are a provider that is away.
const GIVE_UP_AFTER = 5;

/** Tells a tenant's own provider account of what was lifted here, and of the STOPs that it does not have yet. */
@Injectable()
export class PushOptOuts {
  constructor(
    private readonly transactions: Transactions,
    private readonly lists: ProviderListStore,
    private readonly rate: ProviderRate,
  ) {}

  async execute(claim: SyncClaim, account: ListedAccount): Promise<Pushed> {
    const deleted = await this.deleteLifted(claim, account);
    const added = await this.addMissing(claim, account);
    return { added: added.done, deleted: deleted.done, unanswered: deleted.unanswered + added.unanswered };
  }

  /** Whether it stood there still does not matter: it does not any more. */
  private async deleteLifted(claim: SyncClaim, { provider, credential }: ListedAccount): Promise<Told> {
    const { tenantId } = claim;
    const lifted = await this.transactions.run(tenantId, tx => this.lists.toDelete(tx, tenantId, AT_MOST));
    return tell(claim, lifted, async optOut => {
      await this.rate.turn();
      const answer = await provider.removeOptOut(optOut.stopId, credential);
      if (answer.status === 'answered')
        await this.transactions.run(tenantId, tx => this.lists.deleted(tx, tenantId, optOut));
      return answer;
    });
  }

  /** An answer without an id: it stood there already, and the next list says under which. */
  private async addMissing(claim: SyncClaim, { provider, credential }: ListedAccount): Promise<Told> {
    const { tenantId } = claim;
    const missing = await this.transactions.run(tenantId, tx => this.lists.toAdd(tx, tenantId, AT_MOST));
    return tell(claim, missing, async phoneNumber => {
      await this.rate.turn();
      const answer = await provider.addOptOut(phoneNumber, credential);
      if (answer.status === 'answered' && answer.value !== null) {
        const added = { phoneNumber, stopId: answer.value };
        await this.transactions.run(tenantId, tx => this.lists.added(tx, tenantId, added));
      }
      return answer;
    });
  }
}

async function tell<T>(
  claim: SyncClaim,
  items: readonly T[],
  call: (item: T) => Promise<Answer<unknown>>,
): Promise<Told> {
  let done = 0;
  let unanswered = 0;
  let inARow = 0;
  for (const item of items) {
    if (inARow >= GIVE_UP_AFTER || !claim.mayGoOn()) break;
    const { status } = await call(item);
    if (status === 'answered') {
      done += 1;
      inARow = 0;
    } else {
      unanswered += 1;
      inARow += 1;
    }
  }
  return { done, unanswered };
}
