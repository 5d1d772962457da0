import { type Answer, done, type Fields, phoneNumberOf, refused, textOf } from './wire.js';

/** The account's STOP list. */
export class StopList {
  private readonly entries = new Map<string, { readonly phoneNumber: string; readonly createdAt: string }>();
  private ids = 0;

  constructor(private readonly now: () => Date) {}

  /** GET /v1/stop-sms/list. */
  list(): Answer {
    const data = [...this.entries].map(([id, entry]) => ({
      id: Number(id),
      phoneNumber: entry.phoneNumber,
      createdAt: entry.createdAt,
    }));
    return done({ nbData: data.length, data });
  }

  /** POST /v1/stop-sms/add. */
  add(fields: Fields): Answer {
    if (textOf(fields['phoneNumber']) === '') return refused(2, 'Le numéro de téléphone est requis');
    const phoneNumber = phoneNumberOf(fields['phoneNumber']);
    if ([...this.entries.values()].some(entry => entry.phoneNumber === phoneNumber)) {
      return refused(15, 'Le numéro est déjà dans la liste des STOP');
    }
    this.ids += 1;
    const createdAt = this.now().toISOString().slice(0, 19).replace('T', ' ');
    this.entries.set(String(this.ids), { phoneNumber, createdAt });
    return done({ stopId: this.ids });
  }

  /** GET /v1/stop-sms/delete. */
  remove(fields: Fields): Answer {
    return this.entries.delete(textOf(fields['id'])) ? done({}) : refused(4, 'STOP introuvable');
  }
}
