import type { MessageRow } from './message.entity.js';

/** A message as its row has it. `number` is a bigint in the database, read as a string, and a whole number below 2^31. */
export type Message = Omit<MessageRow, 'number'> & { readonly number: number };
