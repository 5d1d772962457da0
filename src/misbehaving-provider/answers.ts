import type { BookedSms, NewSms } from './book.js';
import { type Answer, done } from './wire.js';

const PRICE = 0.045;
const CURRENCY = 'EUR';

/** As a JSON number of at most three places: 0.135 and not 0.13500000000000001. */
const priceOf = (count: number): number => Number((count * PRICE).toFixed(3));

/** Of POST /v1/send. */
export const acceptedSend = (booked: readonly BookedSms[]): Answer =>
  done({
    message_id: booked[0]?.messageId ?? 0,
    nb_sms: booked.length,
    cost: priceOf(booked.length),
    currency: CURRENCY,
  });

/** Of POST /v1/bulk-send, with an entry for each number that it mentions. */
export const acceptedBulk = (
  booked: readonly BookedSms[],
  mentioned: readonly NewSms[] = booked,
  refused: readonly NewSms[] = [],
): Answer =>
  done({
    message_id: booked[0]?.messageId ?? 0,
    currency: CURRENCY,
    cost: priceOf(booked.length),
    nbSMS: booked.length,
    SMSResponse_List: [
      ...mentioned.map(({ phoneNumber }) => ({ success: true, code: 200, nbSms: 1, cost: PRICE, phoneNumber })),
      ...refused.map(({ phoneNumber }) => ({ success: false, code: 13, message: NO_PRICE, phoneNumber })),
    ],
  });

const NO_PRICE = 'Tarif inexistant pour ce numéro';

/** Nothing of the call is booked; the number at fault is named. */
export const refusedNumber = (sms: NewSms): Answer => ({
  status: 400,
  body: {
    success: false,
    code: 55,
    message: 'Aucun numéro de téléphone',
    errors: [{ success: false, code: '13', message: NO_PRICE, phoneNumber: sms.phoneNumber }],
  },
});

/** Booked all the same, and told in types or fields that are not the documented ones. `variant` is any whole number. */
export function oddAnswer({ body }: Answer, variant: number): Answer {
  const known = { status: 200, body };
  switch (variant % 4) {
    case 0:
      return { ...known, body: { ...body, success: 'true' } };
    case 1:
      return { ...known, body: { success: true, code: 200, message: 'Request queued for processing' } };
    case 2:
      return { ...known, body: { ...body, message_id: { id: 'message_id' in body ? body.message_id : null } } };
    default:
      return { ...known, body: [body] };
  }
}

/** The JSON of a delivery receipt. */
export const receiptOf = (sms: BookedSms, status: string, at: Date): object => ({
  status,
  msgId: String(sms.messageId),
  date: Math.floor(at.getTime() / 1_000),
  phone: sms.phoneNumber,
  cost: PRICE.toFixed(3),
  currency: CURRENCY,
  ...(sms.tag !== '' && { tag: sms.tag }),
});
