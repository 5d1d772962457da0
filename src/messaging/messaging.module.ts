import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { BillingModule } from '../billing/index.js';
import { ProvidersModule } from '../providers/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { AcceptMessages } from './asking/accept-messages.js';
import { AcceptOrders } from './asking/accept-orders.js';
import { BatchStore } from './batches/batch.store.js';
import { CancelBatch } from './batches/cancel-batch.js';
import { SendBatch } from './batches/send-batch.js';
import { DeliveryNews } from './delivery-news.js';
import { MessageNews } from './message-news.js';
import { EarlierAnswers } from './asking/earlier-answers.js';
import { FollowAcceptance } from './leaving/follow-acceptance.js';
import { ProveSent } from './leaving/prove-sent.js';
import { ReportedDeliveryStore } from './leaving/reported-delivery.store.js';
import { ProvidersFigures } from './leaving/providers-figures.js';
import { RefuseRecipients } from './leaving/refuse-recipients.js';
import { StartAttempt } from './leaving/start-attempt.js';
import { Suppression } from './opt-outs/suppression.js';
import { ApplyDeliveryReports } from './leaving/apply-delivery-reports.js';
import { AttemptStore } from './leaving/attempt.store.js';
import { CancelMessage } from './cancel-message.js';
import { AskingAccounts } from './leaving/asking-accounts.js';
import { AskSilent } from './leaving/ask-silent.js';
import { AccountsAtHand } from './leaving/accounts-at-hand.js';
import { BlockedAccounts } from './leaving/blocked-accounts.js';
import { Breakers } from './leaving/breakers.js';
import { FollowRefusal } from './leaving/follow-refusal.js';
import { LeavingWork } from './leaving/leaving-work.js';
import { ProviderRate } from './leaving/provider-rate.js';
import { RateLimitStore } from './leaving/rate-limit.store.js';
import { Carriers } from './leaving/carriers.js';
import { Companions } from './leaving/companions.js';
import { FollowAbsence } from './leaving/follow-absence.js';
import { SendAgain } from './leaving/send-again.js';
import { PollReceipts } from './leaving/poll-receipts.js';
import { ProviderBlockStore } from './leaving/provider-block.store.js';
import { Reconcile } from './leaving/reconcile.js';
import { ResolveUnconfirmed } from './leaving/resolve-unconfirmed.js';
import { ResolveUnconfirmedResolver } from './graphql/resolve-unconfirmed.resolver.js';
import { ChangeMessage } from './change-message.js';
import { ClaimStore } from './leaving/claim.store.js';
import { ClaimSubmissions } from './leaving/claim-submissions.js';
import { DeliveryStore } from './delivery.store.js';
import { DispatchSubmission } from './leaving/dispatch-submission.js';
import { EnterDoubt } from './leaving/enter-doubt.js';
import { FollowOutcome } from './leaving/follow-outcome.js';
import { FindMessage } from './find-message.js';
import { GiveBack } from './give-back.js';
import { NumberedStore } from './batches/numbered.store.js';
import { PurgeSandbox } from './purge-sandbox.js';
import { ReadByNumber } from './batches/read-by-number.js';
import { SandboxStore } from './sandbox.store.js';
import { EraseOld } from './retention/erase-old.js';
import { RetentionStore } from './retention/retention.store.js';
import { RetentionWorker } from './retention/retention-worker.js';
import { DeliveryConnectionResolver } from './graphql/delivery-connection.resolver.js';
import { BatchResolver } from './graphql/batch.resolver.js';
import { MessageChangedResolver } from './graphql/message-changed.resolver.js';
import { MessageLoaders } from './graphql/message-loaders.js';
import { MessageResolver } from './graphql/message.resolver.js';
import { LiveMessages } from './live/live-messages.js';
import { MessageChanges } from './live/message-changes.js';
import { ReadBatches } from './batches/read-batches.js';
import { OptOutResolver } from './graphql/opt-out.resolver.js';
import { SendSmsResolver } from './graphql/send-sms.resolver.js';
import { SendWindowResolver } from './graphql/send-window.resolver.js';
import { IdempotencyStore } from './asking/idempotency.store.js';
import { LastLook } from './leaving/last-look.js';
import { MessageStore } from './message.store.js';
import { OptOutCheck } from './opt-outs/opt-out-check.js';
import { OptOutNews } from './opt-outs/opt-out-news.js';
import { OptOutStore } from './opt-outs/opt-out.store.js';
import { OptOuts } from './opt-outs/opt-outs.js';
import { OptOutSyncStore } from './opt-outs/opt-out-sync.store.js';
import { ProviderListStore } from './opt-outs/provider-list.store.js';
import { PullOptOuts } from './opt-outs/pull-opt-outs.js';
import { PushOptOuts } from './opt-outs/push-opt-outs.js';
import { SyncAccount } from './opt-outs/sync-account.js';
import { SyncOptOuts } from './opt-outs/sync-opt-outs.js';
import { PrepareAttempt } from './leaving/prepare-attempt.js';
import { PreviewSms } from './asking/preview-sms.js';
import { ProgressStore } from './progress.store.js';
import { ClientTokenResolver } from './graphql/client-token.resolver.js';
import { IssueClientToken } from './issue-client-token.js';
import { AuditedReading } from './audited-reading.js';
import { ProviderAccountResolver } from './graphql/provider-account.resolver.js';
import { ReadProviderAccount } from './read-provider-account.js';
import { ReadMessages } from './read-messages.js';
import { RecallFromProvider } from './leaving/recall-from-provider.js';
import { RecordOutcome } from './leaving/record-outcome.js';
import { ReleaseSubmission } from './leaving/release-submission.js';
import { ReleaseSubmissions } from './leaving/release-submissions.js';
import { RescheduleMessage } from './reschedule-message.js';
import { SendSms } from './asking/send-sms.js';
import { SetAside } from './leaving/set-aside.js';
import { TellAccepted } from './asking/tell-accepted.js';
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
    AcceptOrders,
    AcceptMessages,
    TellAccepted,
    EarlierAnswers,
    SendBatch,
    CancelBatch,
    PreviewSms,
    CancelMessage,
    RescheduleMessage,
    OptOuts,
    ReadMessages,
    IssueClientToken,
    ReadBatches,
    ReadProviderAccount,
    AuditedReading,
    ReadByNumber,
    FindMessage,
    PurgeSandbox,
    EraseOld,
    RetentionWorker,
    // releasing and dispatching
    MessagingWorkers,
    ClaimSubmissions,
    ReleaseSubmission,
    ReleaseSubmissions,
    DispatchSubmission,
    PrepareAttempt,
    StartAttempt,
    LastLook,
    Suppression,
    Carriers,
    Companions,
    RecordOutcome,
    RecallFromProvider,
    FollowOutcome,
    FollowAcceptance,
    RefuseRecipients,
    ProvidersFigures,
    ProveSent,
    SetAside,
    EnterDoubt,
    Reconcile,
    FollowAbsence,
    SendAgain,
    ResolveUnconfirmed,
    PollReceipts,
    AskSilent,
    AskingAccounts,
    BlockedAccounts,
    AccountsAtHand,
    Breakers,
    ProviderRate,
    FollowRefusal,
    LeavingWork,
    OptOutCheck,
    SyncOptOuts,
    SyncAccount,
    PullOptOuts,
    PushOptOuts,
    GiveBack,
    DeliveryNews,
    MessageNews,
    OptOutNews,
    ChangeMessage,
    ApplyDeliveryReports,
    // watching
    MessageChanges,
    LiveMessages,
    // stores
    MessageStore,
    BatchStore,
    NumberedStore,
    SandboxStore,
    RetentionStore,
    SubmissionStore,
    ClaimStore,
    DeliveryStore,
    ReportedDeliveryStore,
    AttemptStore,
    ProviderBlockStore,
    RateLimitStore,
    OptOutStore,
    OptOutSyncStore,
    ProviderListStore,
    IdempotencyStore,
    TimelineStore,
    ProgressStore,
    // GraphQL
    SendSmsResolver,
    MessageLoaders,
    MessageResolver,
    MessageChangedResolver,
    ClientTokenResolver,
    BatchResolver,
    ProviderAccountResolver,
    ResolveUnconfirmedResolver,
    DeliveryConnectionResolver,
    OptOutResolver,
    SendWindowResolver,
  ],
  exports: [
    ApplyDeliveryReports,
    CancelBatch,
    CancelMessage,
    DeliveryNews,
    FindMessage,
    MessageNews,
    OptOutNews,
    OptOuts,
    ReadByNumber,
    SendBatch,
    SendSms,
  ],
})
export class MessagingModule {}
