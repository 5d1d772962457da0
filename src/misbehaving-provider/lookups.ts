import type { Book, BookedSms } from './book.js';
import { type Answer, done, type Fields, phoneNumberOf, recordOf, refused, textOf } from './wire.js';

const PAGE_SIZE = 100;
const MESSAGE_UNKNOWN = 'Message introuvable';

/** Answers questions from the book, and from nothing else. */
export class Lookups {
  constructor(private readonly book: Book) {}

  /** GET /v1/me. */
  me(): Answer {
    const user = { username: 'misbehaving', firstname: '', lastname: '' };
    const credits = {
      creditSms: 100_000,
      creditSmsECO: 100_000,
      creditHlr: 0,
      toSend: 0,
      balance: '10225.119',
      currency: 'EUR',
    };
    return done({ user, credits });
  }

  /** GET /v1/bulk-status-by-tag. */
  byTag(fields: Fields): Answer {
    const booked = this.book.ofTag(textOf(fields['tag']));
    if (booked.length === 0) return refused(4, MESSAGE_UNKNOWN);
    const page = Math.max(1, Number.parseInt(textOf(fields['page']), 10) || 1);
    const shown = booked.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
    return done({
      currentPage: page,
      total: booked.length,
      StatutResponse_List: shown.map(sms => {
        return { phoneNumber: sms.phoneNumber, status: sms.status, stopSMS: false, date: unixTimeOf(sms) };
      }),
    });
  }

  /** POST /v1/multi-status. */
  multiStatus(fields: Fields): Answer {
    const list = fields['SMSStatut_List'] ?? fields['SMSStatus_List'];
    return done({
      StatutResponse_List: (Array.isArray(list) ? list : []).map(entry => this.statusOf(recordOf(entry) ?? {})),
    });
  }

  /** GET /v1/message-cancel: whatever it has, it has sent. */
  cancel(fields: Fields): Answer {
    const messageId = textOf(fields['messageId']);
    if (messageId === '') return refused(3, "L'ID du message est requis");
    const known = this.book.ofMessage(messageId).length > 0;
    return known ? refused(7, 'Le SMS a déjà été envoyé') : refused(4, MESSAGE_UNKNOWN);
  }

  private statusOf({ phoneNumber, messageId }: Fields): object {
    const wanted = phoneNumberOf(phoneNumber);
    const sms = this.book.ofMessage(textOf(messageId)).find(booked => booked.phoneNumber === wanted);
    if (sms === undefined) return { success: false, code: 4, phoneNumber, messageId, status: 'Numéro introuvable' };
    const { status } = sms;
    return {
      success: true,
      code: 200,
      phoneNumber,
      messageId,
      status,
      date: unixTimeOf(sms),
      stopSms: '0',
      isSpam: '0',
    };
  }
}

const unixTimeOf = ({ bookedAt }: BookedSms): string => String(Math.floor(Date.parse(bookedAt) / 1_000));
