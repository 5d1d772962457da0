export { ApplyDeliveryReports } from './apply-delivery-reports.js';
export type { DeliveryReport, ReportResult } from './apply-delivery-reports.js';
export { MessagingModule } from './messaging.module.js';
export { OptOuts } from './opt-outs.js';
export { readPhoneNumber } from './recipients/phone-number.js';
export { MessagingWorkers } from './workers.js';
