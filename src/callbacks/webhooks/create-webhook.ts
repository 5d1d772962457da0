import { Injectable } from '@nestjs/common';
import { AuditTrail, TenantStore } from '../../accounts/index.js';
import {
  AppConfig,
  Clock,
  Ids,
  InvalidArgument,
  problemOfUrl,
  type TenantId,
  Transactions,
} from '../../kernel/index.js';
import { isEventType, WEBHOOK_EVENT_TYPES, type WebhookEventType } from './event-types.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { type Webhook, WebhookStore } from './webhook.store.js';

const MOST = 20;

export interface CreatedWebhook {
  readonly webhook: Webhook;
  /** Told once; only its sealed form is kept. */
  readonly secret: string;
}

@Injectable()
export class CreateWebhook {
  constructor(
    private readonly transactions: Transactions,
    private readonly tenants: TenantStore,
    private readonly webhooks: WebhookStore,
    private readonly secrets: WebhookSecrets,
    private readonly audit: AuditTrail,
    private readonly config: AppConfig,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** Throws InvalidArgument. What its name resolves to is judged at each call: DNS may change. */
  execute(
    tenantId: TenantId,
    asked: { readonly url: string; readonly events: readonly string[] },
    actorKeyId: string,
  ): Promise<CreatedWebhook> {
    const problem = problemOfUrl(asked.url, { allow: this.config.webhookAllow, httpsOnly: true });
    if (problem !== null) throw new InvalidArgument('url', problem);
    const events = readEvents(asked.events);
    return this.transactions.run(tenantId, async tx => {
      // Its lock puts two that count at once in a row.
      await this.tenants.findForUpdate(tx, tenantId);
      const others = await this.webhooks.list(tx, tenantId);
      if (others.length >= MOST)
        throw new InvalidArgument(
          'url',
          `cannot be another one: a tenant has at most ${MOST} webhooks; delete one first`,
        );
      const id = this.ids.uuid();
      const { secret, sealedSecret } = this.secrets.mint(tenantId, id);
      const createdAt = this.clock.now();
      const webhook = await this.webhooks.insert(tx, { tenantId, id, url: asked.url, events, sealedSecret, createdAt });
      // Of the address no more than the host: its path and query may hold a secret.
      const detail = { webhookId: id, host: new URL(asked.url).host, events };
      await this.audit.record(tx, tenantId, { actorKeyId, action: 'webhook.created', detail });
      return { webhook, secret };
    });
  }
}

function readEvents(names: readonly string[]): WebhookEventType[] {
  if (names.length === 0 || !names.every(isEventType))
    throw new InvalidArgument('events', `must be some of these, spelled so: ${WEBHOOK_EVENT_TYPES.join(', ')}`);
  return WEBHOOK_EVENT_TYPES.filter(type => names.includes(type));
}
