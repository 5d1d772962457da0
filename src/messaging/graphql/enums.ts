import { registerEnumType } from '@nestjs/graphql';
import { enumOf } from '../../kernel/graphql/index.js';
import { TERRITORIES } from '../../scheduling/index.js';
import { DELIVERY_STATUSES } from '../delivery-status.js';
import { MESSAGE_STATUSES } from '../message-status.js';
import { WAIT_KINDS } from '../wait-kind.js';

export const TerritoryEnum = enumOf(TERRITORIES);
export const MessageStatusEnum = enumOf(MESSAGE_STATUSES);
export const DeliveryStatusEnum = enumOf(DELIVERY_STATUSES);
export const WaitKindEnum = enumOf(WAIT_KINDS);

registerEnumType(TerritoryEnum, { name: 'Territory' });
registerEnumType(MessageStatusEnum, {
  name: 'MessageStatus',
  description: `Of a message, derived from its parts: the first that applies to any part of UNCONFIRMED, SENDING, QUEUED, HELD, SCHEDULED; then SENT while a receipt is awaited;
then CANCELLED when all was cancelled, FAILED when nothing reached the provider, else COMPLETED.
SCHEDULED: the tenant asked for a later time. HELD: a rule keeps it back. UNCONFIRMED: the provider's answer is not known; it is not sent again blindly.`,
});
registerEnumType(DeliveryStatusEnum, { name: 'DeliveryStatus' });
registerEnumType(WaitKindEnum, {
  name: 'WaitKind',
  description: 'LAW and SCHEDULE are choices of the law and the tenant; the others are conditions that Relais watches.',
});
