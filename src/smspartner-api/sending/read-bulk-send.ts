import type { BatchOrder, Problem } from '../../messaging/index.js';
import type { Asked } from '../endpoint.js';
import { isValues, type Values } from '../wire/read-values.js';
import { edgeProblem } from './edge-problems.js';
import { FieldReader } from './field-reader.js';
import { orderInput } from './order-input.js';
import { readOptions } from './read-options.js';

/** The vendor's bulk page: at most 500 SMS a request. */
export const MOST_ENTRIES = 500;

export interface ReadBulkSend {
  readonly order: BatchOrder;
  readonly moment: string;
  readonly problems: readonly Problem[];
}

/** POST /v1/bulk-send (the vendor's page on bulk sending): SMSList and the options of /v1/send, as an order. */
export function readBulkSend(asked: Asked, now: Date): ReadBulkSend {
  const entries = readEntries(asked.values['SMSList']);
  const { request, moment, problems: ofOptions } = readOptions(asked, now);
  const problems = [...entries.problems, ...ofOptions];
  return {
    order: {
      operation: 'POST /v1/bulk-send',
      input: orderInput(asked.values, asked.headers),
      request: { ...request, messages: entries.messages },
      problems,
    },
    moment,
    problems,
  };
}

interface Entry {
  readonly to: string;
  readonly text: string;
}

function readEntries(given: unknown): { messages: readonly Entry[]; problems: readonly Problem[] } {
  if (given === undefined || given === null || given === '') return { messages: [], problems: [] };
  if (!Array.isArray(given)) return { messages: [], problems: [edgeProblem(['messages'], 'INVALID_VALUE')] };
  const problems = given.length > MOST_ENTRIES ? [edgeProblem(['messages'], 'TOO_MANY_MESSAGES')] : [];
  const messages = given.slice(0, MOST_ENTRIES).map((entry: unknown, index) => {
    const place = ['messages', String(index)];
    if (!isValues(entry)) problems.push(edgeProblem([...place, 'to'], 'INVALID_VALUE'));
    const fields = new FieldReader(isValues(entry) ? entry : UNREADABLE, place);
    const read = readEntry(fields);
    problems.push(...fields.problems);
    return read;
  });
  return { messages, problems };
}

/** Stands in for an entry that is no object, which is told once. */
const UNREADABLE: Values = { phoneNumber: '-', message: '-' };

function readEntry(fields: FieldReader): Entry {
  const to = fields.word('to', 'phoneNumber');
  if (to === null && fields.problems.length === 0) fields.wrong('to', 'NUMBER_REQUIRED');
  return { to: to ?? '', text: fields.text('text') ?? '' };
}
