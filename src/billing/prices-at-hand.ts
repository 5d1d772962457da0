import { Injectable } from '@nestjs/common';
import { AtHand, Clock, PLATFORM, type Route, Transactions, WakeUps } from '../kernel/index.js';
import { PriceList } from './price-list.js';
import { PriceStore } from './price.store.js';

interface PricesFor {
  readonly route: Route;
  /** ISO 4217. */
  readonly currency: string;
}

interface InForce {
  readonly list: PriceList;
  /** When the next of these prices comes into force; null: none is known. */
  readonly until: Date | null;
}

const CHANGED = 'prices';

/** The prices in force, as they were set at most a second ago. One that was set for an instant is in force from that instant on. */
@Injectable()
export class PricesAtHand {
  private readonly atHand: AtHand<InForce>;

  constructor(
    private readonly transactions: Transactions,
    private readonly prices: PriceStore,
    private readonly clock: Clock,
    private readonly wakeUps: WakeUps,
  ) {
    this.atHand = new AtHand(clock);
    wakeUps.on(CHANGED, () => this.atHand.lookAgain());
  }

  async find(of: PricesFor): Promise<PriceList> {
    const found = await this.atHand.find(`${of.route} ${of.currency}`, now => this.look(of, now));
    const now = this.clock.now();
    if (found !== null && (found.until === null || found.until > now)) return found.list;
    return (await this.look(of, now)).list;
  }

  /** A price was set. */
  changed(): void {
    this.wakeUps.announce(CHANGED);
  }

  private look(of: PricesFor, now: Date): Promise<InForce> {
    return this.transactions.run(PLATFORM, async tx => {
      const [prices, until] = await Promise.all([
        this.prices.inForceFor(tx, now, of),
        this.prices.nextFrom(tx, now, of),
      ]);
      return { list: new PriceList(prices), until };
    });
  }
}
