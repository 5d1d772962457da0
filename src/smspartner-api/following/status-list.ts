import type { NumberedDelivery } from '../../messaging/index.js';
import { writeUnixTime } from '../paris-time.js';
import type { Value } from '../wire/answer.js';
import { statusWordOf } from './status-words.js';

/** An entry of `StatutResponse_List` in the answers about many. An erased number is empty. */
export const statusEntryOf = ({ phoneNumber, status, optedOut, updatedAt }: NumberedDelivery): Value => ({
  phoneNumber: phoneNumber ?? '',
  status: statusWordOf(status),
  stopSMS: optedOut,
  date: writeUnixTime(updatedAt),
});
