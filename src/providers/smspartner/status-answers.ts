import { answered } from '../answers.js';
import { fieldOf, listOf, recordOf, wholeNumberOf } from '../loose-json.js';
import { messageIdOf, reportedStatusOf, unixTimeOf } from '../report-fields.js';
import type { Answer, ProviderStatus } from '../sms-provider.js';
import { codeOf } from './error-codes.js';
import { NamedRecipients } from './named-recipients.js';
import { post, unanswered } from './question.js';
import type { Question, Reply } from './question.js';

export interface AskedRecipient {
  readonly providerMessageId: string;
  readonly phoneNumber: string;
}

const NOT_FOUND = '4';
const MOST_STATUSES = 1_000;

/** POST /v1/multi-status ("Statut multiple"), of at most 500. */
export function askForStatuses(recipients: readonly AskedRecipient[]): Question {
  const list = recipients.map(({ phoneNumber, providerMessageId }) => {
    return { phoneNumber, messageId: wholeNumberOf(providerMessageId) ?? providerMessageId };
  });
  return post('/v1/multi-status', { SMSStatut_List: list });
}

/**
 * `{StatutResponse_List:[{success,code,phoneNumber,messageId,status:"Delivered",date:"<Unix seconds>"}]}`; one that is not
 * known has `{success:false,code:4}`. Only of those asked for, their numbers as given; what cannot be read is left out.
 */
export function readStatuses(reply: Reply, asked: readonly AskedRecipient[]): Answer<readonly ProviderStatus[]> {
  const list = reply.kind === 'yes' ? listOf(fieldOf(reply.body, 'StatutResponse_List')) : null;
  if (list === null) return unanswered(reply);
  const known = new NamedRecipients(asked.map(({ phoneNumber }) => phoneNumber));
  const ids = Map.groupBy(asked, ({ phoneNumber }) => phoneNumber);
  const statuses = list.slice(0, MOST_STATUSES).map(item => {
    const status = statusOf(item, known);
    const idsAsked = status === null ? [] : (ids.get(status.phoneNumber) ?? []).map(one => one.providerMessageId);
    return withIdAskedFor(status, idsAsked);
  });
  return answered(statuses.filter(status => status !== null));
}

function statusOf(item: unknown, known: NamedRecipients): ProviderStatus | null {
  const fields = recordOf(item);
  const phoneNumber = known.inField(fields?.['phoneNumber']);
  if (fields === null || phoneNumber === null) return null;
  const providerMessageId = messageIdOf(fields);
  if (fields['success'] === false) {
    const absent = codeOf(fields['code']) === NOT_FOUND;
    return absent ? { phoneNumber, status: 'not-found', providerMessageId, at: null } : null;
  }
  const reported = reportedStatusOf(fields['status']);
  if (reported === null) return null;
  return { phoneNumber, status: reported.status, providerMessageId, at: unixTimeOf(fields['date']) };
}

/** A status without an id is that of the only message asked for at its number; with another id it is a stranger's. */
function withIdAskedFor(status: ProviderStatus | null, ids: readonly string[]): ProviderStatus | null {
  if (status === null) return null;
  if (status.providerMessageId !== null) return ids.includes(status.providerMessageId) ? status : null;
  const [id, ...others] = ids;
  return id === undefined || others.length > 0 ? null : { ...status, providerMessageId: id };
}
