import { Module } from '@nestjs/common';
import { MessagingModule } from '../messaging/index.js';
import { ProvidersModule } from '../providers/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { ApplyReceipts } from './apply-receipts.js';
import { CallbacksController } from './callbacks.controller.js';
import { CallTenants } from './outgoing/call-tenants.js';
import { EnqueueCallbacks } from './outgoing/enqueue-callbacks.js';
import { GuardedSender } from './outgoing/guarded-sender.js';
import { WebhookDeliveryStore } from './outgoing/webhook-delivery.store.js';
import { ReceiptStore } from './receipt.store.js';
import { ReceiveReceipt } from './receive-receipt.js';
import { ReceiveReply } from './receive-reply.js';
import { ReplyStore } from './reply.store.js';
import { CallbacksWorkers } from './workers.js';

@Module({
  imports: [MessagingModule, ProvidersModule, SchedulingModule],
  controllers: [CallbacksController],
  providers: [
    ReceiveReceipt,
    ReceiveReply,
    ApplyReceipts,
    EnqueueCallbacks,
    CallTenants,
    GuardedSender,
    CallbacksWorkers,
    ReceiptStore,
    ReplyStore,
    WebhookDeliveryStore,
  ],
})
export class CallbacksModule {}
