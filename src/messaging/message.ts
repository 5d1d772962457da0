import type { MessageRow } from './message.entity.js';

/** A message as its row has it. Numbers are bigints in the database, read as strings, and whole numbers below 2^31. */
export type Message = Omit<MessageRow, 'number' | 'batchNumber' | 'endedAt' | 'erasedAt'> & {
  readonly number: number;
  readonly batchNumber: number | null;
};

/**
 * What is read of a message with its lock, by whoever changes it: a change may be of hundreds, and has no use for their texts.
 */
export type LockedMessage = Pick<
  Message,
  | 'tenantId'
  | 'id'
  | 'number'
  | 'batchId'
  | 'batchNumber'
  | 'status'
  | 'tag'
  | 'sandbox'
  | 'parts'
  | 'currency'
  | 'validitySeconds'
  | 'receiptUrl'
>;

/** What the tenant's applications know it by (SMS Partner's message_id): a batch has one for all of its messages. */
export const publicNumberOf = (message: Pick<Message, 'number' | 'batchNumber'>): number =>
  message.batchNumber ?? message.number;
