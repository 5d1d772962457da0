import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/index.js';
import { WebhookSecrets } from '../webhooks/webhook-secrets.js';
import type { Webhook } from '../webhooks/webhook.store.js';
import { GuardedSender, type Posted } from './guarded-sender.js';
import type { Leased } from './webhook-delivery.store.js';

/** A call in this worker's hands. */
export interface HeldDelivery extends Leased {
  /** As it was when the call was taken in hand; null where it is a message's own address, and where it was deleted. */
  readonly webhook: Webhook | null;
}

const NO_SECRET = "the webhook's secret cannot be opened; ask the operator whether MASTER_KEY was changed";

/** Makes a call: to a message's own address as it is, to a webhook signed, at that moment, and by https alone. */
@Injectable()
export class PostCall {
  constructor(
    private readonly sender: GuardedSender,
    private readonly secrets: WebhookSecrets,
    private readonly clock: Clock,
  ) {}

  async execute({ id, url, payload: body, eventId, webhook }: HeldDelivery): Promise<Posted> {
    if (webhook === null) return this.sender.post({ url, body });
    const headers = this.secrets.headers(webhook, { eventId: eventId ?? id, at: this.clock.now(), body });
    if (headers === null) return { kind: 'failed', reason: NO_SECRET };
    return this.sender.post({ url, body, headers, httpsOnly: true });
  }
}
