import { Injectable } from '@nestjs/common';
import type { Tx } from '../kernel/index.js';
import type { DeliveryStatus } from './delivery-status.js';
import type { LockedMessage } from './message.js';
import { News } from './news.js';

/** What became of recipients of a message, as it is being written down. */
export interface DeliveryNewsItem {
  readonly message: LockedMessage;
  readonly at: Date;
  readonly deliveries: readonly {
    readonly id: string;
    /** E.164; null once erased. */
    readonly phoneNumber: string | null;
    readonly status: DeliveryStatus;
    readonly errorCode: string | null;
    /** What the tenant pays for it. Exact decimal. */
    readonly cost: string;
  }[];
}

@Injectable()
export class DeliveryNews extends News<DeliveryNewsItem> {
  override async announce(tx: Tx, news: DeliveryNewsItem): Promise<void> {
    if (news.deliveries.length > 0) await super.announce(tx, news);
  }
}
