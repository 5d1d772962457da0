import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../accounts/index.js';
import { Clock, NotFound, type TenantId, Transactions } from '../../kernel/index.js';
import type { CreatedWebhook } from './create-webhook.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhookStore } from './webhook.store.js';

/** How long the old secret signs beside the new one: time to give the new one to the receiver. */
export const OVERLAP_MS = 24 * 60 * 60 * 1_000;

@Injectable()
export class RotateWebhookSecret {
  constructor(
    private readonly transactions: Transactions,
    private readonly webhooks: WebhookStore,
    private readonly secrets: WebhookSecrets,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Two live at most: rotated again, the secret before the old one ends at once. Throws NotFound. */
  execute(tenantId: TenantId, id: string, actorKeyId: string): Promise<CreatedWebhook> {
    return this.transactions.run(tenantId, async tx => {
      const { secret, sealedSecret } = this.secrets.mint(tenantId, id);
      const previousUntil = new Date(this.clock.now().getTime() + OVERLAP_MS);
      const webhook = await this.webhooks.rotate(tx, tenantId, id, { sealedSecret, previousUntil });
      if (webhook === null) throw new NotFound('webhook');
      const detail = { webhookId: id, previousUntil: previousUntil.toISOString() };
      await this.audit.record(tx, tenantId, { actorKeyId, action: 'webhook.secret-rotated', detail });
      return { webhook, secret };
    });
  }
}
