import type { IncomingHttpHeaders } from 'node:http';
import { isValues, type Values } from '../wire/read-values.js';
import { webhookUrlIn } from './read-options.js';

const KNOWN = [
  'phoneNumbers',
  'message',
  'SMSList',
  'gamme',
  'sender',
  'tag',
  'scheduledDeliveryDate',
  'time',
  'minute',
  'urlDlr',
  'urlResponse',
  'webhookUrl',
  'isStopSms',
  'isUnicode',
  'sandbox',
] as const;

/**
 * What an idempotency key stands for: the request as given, without the key, the format of the answer and what no one
 * knows. Flat, so that a body nested a million deep is compared like any other.
 */
export function orderInput(values: Values, headers: IncomingHttpHeaders): Readonly<Record<string, unknown>> {
  const given: Values = { ...values, webhookUrl: values['webhookUrl'] ?? webhookUrlIn(headers) };
  return Object.fromEntries(KNOWN.map(name => [name, asGiven(given[name])]));
}

const asGiven = (value: unknown): unknown => (Array.isArray(value) ? value.map(entryAsGiven) : scalarOf(value));

const entryAsGiven = (entry: unknown): unknown =>
  isValues(entry) ? [scalarOf(entry['phoneNumber']), scalarOf(entry['message'])] : scalarOf(entry);

/** Lists and objects stand only where they are wrong: such a request was never accepted. */
const scalarOf = (value: unknown): unknown => (typeof value === 'object' && value !== null ? '(object)' : value);
