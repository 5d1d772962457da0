import { ACCEPTED, answerJson } from '../../support/smspartner-stub.js';
import type { Reaction, SmsPartnerStub } from '../../support/smspartner-stub.js';

interface Sent {
  readonly tag: unknown;
  readonly phoneNumber: string;
}

const no = (code: number, message: string): Reaction => answerJson(400, { success: false, code, message });
const yes = (fields: object = {}): Reaction => answerJson(200, { success: true, code: 200, ...fields });

/** Answers questions as SMS Partner's documentation says, from what went through it, on top of the stub. */
export class SmsPartnerImitation {
  private readonly sent: Sent[] = [];
  private readonly stops = new Map<number, string>();
  private lastStop = 18;

  constructor(private readonly stub: SmsPartnerStub) {
    this.answer('/v1/me', () => yes({ credits: { creditSms: 10, balance: '10225.119', currency: 'EUR' } }));
    this.answer('/v1/multi-status', fields => this.statuses(fields));
    this.answer('/v1/bulk-status-by-tag', fields => this.byTag(fields));
    this.answer('/v1/message-cancel', () => no(4, 'Message introuvable'));
    this.answer('/v1/stop-sms/list', () => this.stopList());
    this.answer('/v1/stop-sms/add', fields => this.addStop(String(fields['phoneNumber'])));
    this.answer('/v1/stop-sms/delete', fields =>
      this.stops.delete(Number(fields['id'])) ? yes() : no(4, "L'identifiant est introuvable"),
    );
  }

  /** Accepts the call and remembers to whom it went. */
  readonly accept: Reaction = (response, request) => {
    const { tag, phoneNumbers, SMSList } = this.stub.lastFields;
    const bulk = Array.isArray(SMSList) ? SMSList : null;
    const numbers: string[] = bulk?.map(one => one.phoneNumber) ?? String(phoneNumbers).split(',');
    this.sent.push(...numbers.map(phoneNumber => ({ tag, phoneNumber })));
    const entries = numbers.map(phoneNumber => ({ success: true, code: 200, nbSms: 1, cost: 0.045, phoneNumber }));
    const { nb_sms: nbSMS, ...accepted } = ACCEPTED;
    answerJson(200, bulk === null ? ACCEPTED : { ...accepted, nbSMS, SMSResponse_List: entries })(response, request);
  };

  private answer(path: string, by: (fields: Readonly<Record<string, unknown>>) => Reaction): void {
    this.stub.on(path, (response, request) => by(this.stub.lastFields)(response, request));
  }

  private statuses(fields: Readonly<Record<string, unknown>>): Reaction {
    const asked = Array.isArray(fields['SMSStatut_List']) ? fields['SMSStatut_List'] : [];
    const list = asked.map(({ phoneNumber, messageId }) => {
      const known = messageId === ACCEPTED.message_id && this.sent.some(sms => sms.phoneNumber === phoneNumber);
      return known
        ? { success: true, code: 200, phoneNumber, messageId, status: 'Delivered', date: '1517934416', stopSms: '0' }
        : { success: false, code: 4, phoneNumber, messageId, status: 'Numéro introuvable' };
    });
    return yes({ StatutResponse_List: list });
  }

  /** Two to a page. */
  private byTag({ tag, page }: Readonly<Record<string, unknown>>): Reaction {
    const all = this.sent.filter(sms => sms.tag === tag);
    if (all.length === 0) return no(4, 'Message introuvable');
    const currentPage = Number(page);
    const list = all.slice((currentPage - 1) * 2, currentPage * 2).map(({ phoneNumber }) => {
      return { phoneNumber, status: 'Waiting', stopSMS: false, date: '1517989111' };
    });
    return yes({ currentPage, total: all.length, StatutResponse_List: list });
  }

  private stopList(): Reaction {
    const data = [...this.stops].map(([id, phoneNumber]) => ({ id, phoneNumber, createdAt: '2015-07-20 10:19:45' }));
    return yes({ nbData: data.length, data });
  }

  private addStop(phoneNumber: string): Reaction {
    if ([...this.stops.values()].includes(phoneNumber)) return no(15, 'Ce numéro est déjà dans la liste');
    this.lastStop += 1;
    this.stops.set(this.lastStop, phoneNumber);
    return yes({ stopId: this.lastStop });
  }
}
