import { Injectable } from '@nestjs/common';
import { AtHand, Clock, PLATFORM, type Route, Transactions, WakeUps } from '../kernel/index.js';
import { PriceList } from './price-list.js';
import { PriceStore } from './price.store.js';

interface PricesFor {
  readonly route: Route;
  /** ISO 4217. */
  readonly currency: string;
}

const CHANGED = 'prices';

/** The prices in force, as they were set at most a second ago. One that was set for an instant is in force from that instant on. */
@Injectable()
export class PricesAtHand {
  private readonly atHand: AtHand<PriceList>;

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
    return found?.isInForce(now) === true ? found : this.look(of, now);
  }

  /** A price was set. */
  changed(): void {
    this.wakeUps.announce(CHANGED);
  }

  private look(of: PricesFor, now: Date): Promise<PriceList> {
    return this.transactions.run(PLATFORM, async tx => {
      const [prices, until] = await Promise.all([
        this.prices.inForceFor(tx, now, of),
        this.prices.nextFrom(tx, now, of),
      ]);
      return new PriceList(prices, until);
    });
  }
}
