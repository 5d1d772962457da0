import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { BillingModule } from '../billing/index.js';
import { MessagingModule } from '../messaging/index.js';
import { Endpoint, ENDPOINTS } from './endpoint.js';
import { BulkStatusByTag } from './following/bulk-status-by-tag.js';
import { BulkStatus } from './following/bulk-status.js';
import { MessageCancel } from './following/message-cancel.js';
import { MessageStatus } from './following/message-status.js';
import { MultiStatus } from './following/multi-status.js';
import { Me } from './me.js';
import { BulkSend } from './sending/bulk-send.js';
import { Send } from './sending/send.js';
import { SmsPartnerController } from './smspartner.controller.js';
import { AddStop } from './stop-list/add-stop.js';
import { DeleteStop } from './stop-list/delete-stop.js';
import { StopList } from './stop-list/stop-list.js';

const CALLS = [
  Send,
  BulkSend,
  MessageCancel,
  MessageStatus,
  MultiStatus,
  BulkStatus,
  BulkStatusByTag,
  Me,
  StopList,
  AddStop,
  DeleteStop,
];

@Module({
  imports: [AccountsModule, BillingModule, MessagingModule],
  controllers: [SmsPartnerController],
  providers: [
    ...CALLS,
    { provide: ENDPOINTS, inject: CALLS, useFactory: (...calls: readonly Endpoint[]): readonly Endpoint[] => calls },
  ],
})
export class SmsPartnerApiModule {}
