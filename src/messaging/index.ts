export { ApplyDeliveryReport } from './apply-delivery-report.js';
export type { DeliveryReport, ReportResult } from './apply-delivery-report.js';
export { MessagingModule } from './messaging.module.js';
export { OptOuts } from './opt-outs.js';
export { readPhoneNumber } from './recipients/phone-number.js';
export { MessagingWorkers } from './workers.js';
