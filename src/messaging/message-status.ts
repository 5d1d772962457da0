export const MESSAGE_STATUSES = [
  'SCHEDULED',
  'HELD',
  'QUEUED',
  'SENDING',
  'SENT',
  'COMPLETED',
  'UNCONFIRMED',
  'CANCELLED',
  'FAILED',
] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];
