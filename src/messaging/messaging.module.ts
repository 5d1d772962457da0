import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { BillingModule } from '../billing/index.js';
import { ProvidersModule } from '../providers/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { AcceptMessage } from './asking/accept-message.js';
import { ApplyDeliveryReports } from './leaving/apply-delivery-reports.js';
import { AttemptStore } from './leaving/attempt.store.js';
import { CancelMessage } from './cancel-message.js';
import { Carriers } from './leaving/carriers.js';
import { ChangeMessage } from './change-message.js';
import { ClaimSubmissions } from './leaving/claim-submissions.js';
import { DeliveryStore } from './delivery.store.js';
import { DispatchSubmission } from './leaving/dispatch-submission.js';
import { EnterDoubt } from './leaving/enter-doubt.js';
import { FollowOutcome } from './leaving/follow-outcome.js';
import { GiveBack } from './give-back.js';
import { DeliveryConnectionResolver } from './graphql/delivery-connection.resolver.js';
import { MessageResolver } from './graphql/message.resolver.js';
import { OptOutResolver } from './graphql/opt-out.resolver.js';
import { SendSmsResolver } from './graphql/send-sms.resolver.js';
import { SendWindowResolver } from './graphql/send-window.resolver.js';
import { IdempotencyStore } from './asking/idempotency.store.js';
import { LastLook } from './leaving/last-look.js';
import { MessageStore } from './message.store.js';
import { OptOutCheck } from './opt-outs/opt-out-check.js';
import { OptOutStore } from './opt-outs/opt-out.store.js';
import { OptOuts } from './opt-outs/opt-outs.js';
import { PrepareAttempt } from './leaving/prepare-attempt.js';
import { PreviewSms } from './asking/preview-sms.js';
import { ProgressStore } from './progress.store.js';
import { ReadMessages } from './read-messages.js';
import { RecordOutcome } from './leaving/record-outcome.js';
import { ReleaseSubmission } from './leaving/release-submission.js';
import { RescheduleMessage } from './reschedule-message.js';
import { SendSms } from './asking/send-sms.js';
import { SetAside } from './leaving/set-aside.js';
import { SmsPlanning } from './asking/sms-planning.js';
import { SubmissionStore } from './submission.store.js';
import { TimelineStore } from './timeline.store.js';
import { MessagingWorkers } from './leaving/messaging-workers.js';

@Module({
  imports: [AccountsModule, BillingModule, ProvidersModule, SchedulingModule],
  providers: [
    // asking
    SendSms,
    SmsPlanning,
    AcceptMessage,
    PreviewSms,
    CancelMessage,
    RescheduleMessage,
    OptOuts,
    ReadMessages,
    // releasing and dispatching
    MessagingWorkers,
    ClaimSubmissions,
    ReleaseSubmission,
    DispatchSubmission,
    PrepareAttempt,
    LastLook,
    Carriers,
    RecordOutcome,
    FollowOutcome,
    SetAside,
    EnterDoubt,
    OptOutCheck,
    GiveBack,
    ChangeMessage,
    ApplyDeliveryReports,
    // stores
    MessageStore,
    SubmissionStore,
    DeliveryStore,
    AttemptStore,
    OptOutStore,
    IdempotencyStore,
    TimelineStore,
    ProgressStore,
    // GraphQL
    SendSmsResolver,
    MessageResolver,
    DeliveryConnectionResolver,
    OptOutResolver,
    SendWindowResolver,
  ],
  exports: [ApplyDeliveryReports, OptOuts],
})
export class MessagingModule {}
