export type BookedStatus = 'Waiting' | 'Delivered' | 'Not delivered';

/** An SMS that was really accepted: from here on it reaches a handset, whatever the caller was told. */
export interface BookedSms {
  readonly messageId: number;
  readonly call: 'send' | 'bulk-send';
  readonly tag: string;
  /** E.164. */
  readonly phoneNumber: string;
  readonly text: string;
  /** ISO 8601. */
  readonly bookedAt: string;
  /** "accepted", or the fault that the caller met instead. */
  readonly answered: string;
  readonly receiptUrl: string | null;
  status: BookedStatus;
  /** What was posted to `receiptUrl`, in the order in which it was. */
  readonly receipts: string[];
}

export type NewSms = Pick<BookedSms, 'phoneNumber' | 'text'>;
export type NewCall = Pick<BookedSms, 'call' | 'tag' | 'answered' | 'receiptUrl'>;

const FIRST_MESSAGE_ID = 1_223_109;

/** Every SMS that was really accepted, in order. Never forgets and never lies. */
export class Book {
  private readonly booked: BookedSms[] = [];
  private messages = 0;

  constructor(private readonly now: () => Date) {}

  /** All of one call, under one message id. */
  add(call: NewCall, list: readonly NewSms[]): readonly BookedSms[] {
    const messageId = FIRST_MESSAGE_ID + this.messages;
    this.messages += 1;
    const bookedAt = this.now().toISOString();
    const added = list.map((sms): BookedSms => {
      return { messageId, ...call, ...sms, bookedAt, status: 'Waiting', receipts: [] };
    });
    this.booked.push(...added);
    return added;
  }

  get all(): readonly BookedSms[] {
    return this.booked;
  }

  /** By the tag in any case: the vendor's are lower case. */
  ofTag(tag: string): readonly BookedSms[] {
    return this.booked.filter(sms => sms.tag.toLowerCase() === tag.toLowerCase());
  }

  ofMessage(messageId: string): readonly BookedSms[] {
    return this.booked.filter(sms => String(sms.messageId) === messageId);
  }
}
