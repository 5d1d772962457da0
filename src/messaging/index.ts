export { ApplyDeliveryReports } from './leaving/apply-delivery-reports.js';
export type { DeliveryReport, ReportResult } from './leaving/apply-delivery-reports.js';
export { MessagingModule } from './messaging.module.js';
export { OptOuts } from './opt-outs/opt-outs.js';
export { readPhoneNumber } from './recipients/phone-number.js';
export { MessagingWorkers } from './leaving/messaging-workers.js';
