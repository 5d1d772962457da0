import type { NewSms } from './book.js';
import { type Answer, type Fields, phoneNumberOf, recordOf, refused, textOf } from './wire.js';

/** A call that sends, as it was asked for. */
export interface SendCall {
  readonly call: 'send' | 'bulk-send';
  readonly tag: string;
  readonly receiptUrl: string | null;
  readonly list: readonly NewSms[];
}

export type CallReading =
  { readonly ok: true; readonly call: SendCall } | { readonly ok: false; readonly answer: Answer };

const MOST_NUMBERS = 500;

/** POST /v1/send: one text for all. */
export function readSend(fields: Fields): CallReading {
  const numbers = textOf(fields['phoneNumbers'])
    .split(',')
    .filter(number => number.trim() !== '');
  const text = textOf(fields['message']);
  if (numbers.length === 0) return no(refused(2, 'Le numéro de téléphone est requis'));
  if (text === '') return no(fieldError('message', 'Le message est requis'));
  return read(
    'send',
    fields,
    numbers.map(number => ({ phoneNumber: phoneNumberOf(number), text })),
  );
}

/** POST /v1/bulk-send: a text for each. */
export function readBulkSend(fields: Fields): CallReading {
  const given = fields['SMSList'];
  const list = (Array.isArray(given) ? given : []).map(entry => {
    const { phoneNumber, message } = recordOf(entry) ?? {};
    return { phoneNumber: phoneNumberOf(phoneNumber), text: textOf(message) };
  });
  if (list.length === 0) return no(refused(2, 'Le numéro de téléphone est requis'));
  if (list.some(({ text }) => text === '')) return no(fieldError('message', 'Le message est requis'));
  return read('bulk-send', fields, list);
}

function read(call: SendCall['call'], fields: Fields, list: readonly NewSms[]): CallReading {
  if (list.length > MOST_NUMBERS) {
    return no(refused(50, "La limite d'envoi sur une seule requête est de 500 numéros"));
  }
  const receiptUrl = textOf(fields['urlDlr']);
  const tag = textOf(fields['tag']);
  return { ok: true, call: { call, tag, receiptUrl: URL.canParse(receiptUrl) ? receiptUrl : null, list } };
}

const no = (answer: Answer): CallReading => ({ ok: false, answer });

const fieldError = (field: string, message: string): Answer => ({
  status: 400,
  body: { success: false, code: 9, errors: [{ elementId: `children[${field}].data`, message }] },
});
