import type { IncomingHttpHeaders } from 'node:http';
import type { Problem, SmsRequest } from '../../messaging/index.js';
import type { Asked } from '../endpoint.js';
import { readDeliveryDate } from './delivery-date.js';
import { FieldReader } from './field-reader.js';

export type OptionsRead = Omit<SmsRequest, 'to' | 'text'>;

export interface ReadOptions {
  readonly request: OptionsRead;
  /** "21/11/2014 à 09:05", as asked. */
  readonly moment: string;
  readonly problems: readonly Problem[];
}

/**
 * Everything but numbers and texts, for one message or many (page "Envoi unitaire", "Paramètres optionnels"). The key says
 * whether what it sends is commercial, else the tenant does; isStopSms only asks for the mention. The Low Cost range knows
 * no isStopSms ("Ce paramètre n'est pas applicable pour cette gamme").
 */
export function readOptions({ values, headers, caller }: Asked, now: Date): ReadOptions {
  const fields = new FieldReader(values);
  const { at, moment, problems } = readDeliveryDate(values, now);
  const route = fields.gamme();
  const stopAsked = fields.flag('stopMention');
  const request = {
    sender: fields.text('sender')?.trim() ?? null,
    category: null,
    keyCategory: caller.defaultCategory,
    route,
    tag: fields.word('tag'),
    unicode: fields.flag('unicode'),
    stopMention: route === 'PREMIUM' && stopAsked,
    sandbox: fields.flag('sandbox'),
    territory: null,
    receiptUrl: fields.word('receiptUrl') ?? fields.word('receiptUrl', 'webhookUrl') ?? webhookUrlIn(headers),
    replyUrl: fields.word('replyUrl'),
    validitySeconds: null,
    // Given but blank is a mistake to be told: ignored, a repeated request would send twice.
    idempotencyKey: asGiven(headers['idempotency-key']),
    at,
  };
  return { request, moment, problems: [...problems, ...fields.problems] };
}

/** The page's samples in Node and Swift send it as a header, those in Python and Java in the body. */
export const webhookUrlIn = (headers: IncomingHttpHeaders): string | null => headerOf(headers, 'webhookurl');

const asGiven = (value: string | readonly string[] | undefined): string | null =>
  typeof value === 'string' ? value.trim() : null;

function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
