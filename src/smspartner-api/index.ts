export { answerBadUrl, leaveDropInBodiesUnread } from './http-door.js';
export { SmsPartnerApiModule } from './smspartner-api.module.js';
export { BrokenRequests } from './wire/broken-requests.js';
