export { Providers } from './providers.js';
export { ProvidersModule } from './providers.module.js';
export { readSmsPartnerReceipt } from './receipt-reader.js';
export { readSmsPartnerReply } from './reply-reader.js';
export type { ProviderReply, ReplyPart } from './reply-reader.js';
export { SimulatorProvider } from './simulator/simulator-provider.js';
export { SmsProvider } from './sms-provider.js';
export type {
  Answer,
  BulkOutcome,
  CancelAnswer,
  OutgoingBulk,
  OutgoingSms,
  ProviderAccount,
  ProviderCredential,
  ProviderOptOut,
  ProviderStatus,
  RefusedRecipient,
  SendOutcome,
} from './sms-provider.js';
export { SmsPartnerProvider } from './smspartner/smspartner-provider.js';
