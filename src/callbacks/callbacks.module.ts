import { Module } from '@nestjs/common';
import { AccountsModule, SealedColumns } from '../accounts/index.js';
import { MessagingModule } from '../messaging/index.js';
import { ProvidersModule } from '../providers/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { ApplyReceipts } from './apply-receipts.js';
import { CalledAttemptStore } from './called-attempt.store.js';
import { CallbacksController } from './callbacks.controller.js';
import { CountRefusedCallbacks } from './count-refused-callbacks.js';
import { ReplyResolver } from './graphql/reply.resolver.js';
import { CallTenants } from './outgoing/call-tenants.js';
import { EnqueueCallbacks } from './outgoing/enqueue-callbacks.js';
import { GuardedSender } from './outgoing/guarded-sender.js';
import { PostCall } from './outgoing/post-call.js';
import { ReplayDelivery } from './outgoing/replay-delivery.js';
import { WebhookDeliveryStore } from './outgoing/webhook-delivery.store.js';
import { ReceiptStore } from './receipt.store.js';
import { WebhookResolver } from './graphql/webhook.resolver.js';
import { CreateWebhook } from './webhooks/create-webhook.js';
import { DeleteWebhook } from './webhooks/delete-webhook.js';
import { ReadWebhooks } from './webhooks/read-webhooks.js';
import { RotateWebhookSecret } from './webhooks/rotate-webhook-secret.js';
import { SwitchWebhook } from './webhooks/switch-webhook.js';
import { TellTenant } from './webhooks/tell-tenant.js';
import { secretOwner, WebhookSecrets } from './webhooks/webhook-secrets.js';
import { WebhookStore } from './webhooks/webhook.store.js';
import { WriteEvents } from './webhooks/write-events.js';
import { ReceiveCallback } from './receive-callback.js';
import { KeepReply } from './replies/keep-reply.js';
import { ReadReplies } from './replies/read-replies.js';
import { Replies } from './replies/replies.js';
import { ReplyPostStore } from './replies/reply-post.store.js';
import { ReplyStore } from './replies/reply.store.js';
import { CallbacksWorkers } from './workers.js';

@Module({
  imports: [AccountsModule, MessagingModule, ProvidersModule, SchedulingModule],
  controllers: [CallbacksController],
  providers: [
    ReceiveCallback,
    CountRefusedCallbacks,
    ApplyReceipts,
    ReadReplies,
    KeepReply,
    Replies,
    ReplyResolver,
    EnqueueCallbacks,
    CallTenants,
    PostCall,
    GuardedSender,
    TellTenant,
    WriteEvents,
    CreateWebhook,
    DeleteWebhook,
    RotateWebhookSecret,
    SwitchWebhook,
    ReadWebhooks,
    ReplayDelivery,
    WebhookSecrets,
    CallbacksWorkers,
    CalledAttemptStore,
    ReceiptStore,
    ReplyPostStore,
    ReplyStore,
    WebhookDeliveryStore,
    WebhookStore,
    WebhookResolver,
  ],
})
export class CallbacksModule {
  constructor(columns: SealedColumns) {
    for (const column of ['sealed_secret', 'previous_sealed_secret'])
      columns.add({ table: 'webhooks', column, key: 'id', ownerOf: secretOwner });
  }
}
