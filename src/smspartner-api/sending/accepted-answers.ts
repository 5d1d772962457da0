import type { AcceptedBatch, AcceptedSms, Message } from '../../messaging/index.js';
import { writeParisTime } from '../paris-time.js';
import { type Answer, present, success, type Value } from '../wire/answer.js';

interface Accepted extends Omit<AcceptedSms, 'message'> {
  readonly message: Pick<Message, 'number' | 'currency'>;
}

interface AcceptedEntries extends Omit<AcceptedBatch, 'batch'> {
  readonly batch: Pick<AcceptedBatch['batch'], 'number'>;
}

/** Page "Envoi unitaire", "Réponses". */
export const answerAccepted = ({ message, smsCount, cost, scheduledFor, heldUntil }: Accepted): Answer =>
  success({
    message_id: message.number,
    nb_sms: smsCount,
    cost: Number(cost),
    currency: message.currency,
    ...departure(scheduledFor, heldUntil),
  });

/** The vendor's page on bulk sending. Who is on the STOP list is refused in the list, and the others go. */
export const answerAcceptedBatch = (accepted: AcceptedEntries): Answer =>
  success({
    message_id: accepted.batch.number,
    currency: accepted.currency,
    cost: Number(accepted.cost),
    nbSMS: accepted.smsCount,
    SMSResponse_List: accepted.messages.map(entryOf),
    ...departure(accepted.scheduledFor, accepted.heldUntil),
  });

const entryOf = (entry: AcceptedBatch['messages'][number]): Value =>
  entry.optedOut
    ? { success: false, code: 14, nbSms: 0, cost: 0, phoneNumber: entry.phoneNumber }
    : { success: true, code: 200, nbSms: entry.parts, cost: Number(entry.cost), phoneNumber: entry.phoneNumber };

/** `scheduledDeliveryDate` is the vendor's; `pausedUntil`, of a commercial SMS in quiet hours, is Relais's and comes last. */
const departure = (scheduledFor: Date | null, heldUntil: Date | null): Readonly<Record<string, Value>> =>
  present({
    scheduledDeliveryDate: scheduledFor && writeParisTime(scheduledFor),
    pausedUntil: heldUntil && writeParisTime(heldUntil),
  });
