import { answered, noAnswer } from '../answers.js';
import { identifierOf, listOf, recordOf, wholeNumberOf } from '../loose-json.js';
import { phoneNumberOf } from '../report-fields.js';
import type { Answer, ProviderOptOut } from '../sms-provider.js';
import { get, post, unanswered } from './question.js';
import type { Question, Reply } from './question.js';

/** For a number that is on the list already stop-sms/add's own documentation has 3, the table of all codes 14 and 15. */
const ALREADY_THERE = new Set(['3', '14', '15']);
const NO_SUCH_ID = '4';

/** GET /v1/stop-sms/list ("Liste des stops"): all of them in one answer. */
export function askForOptOuts(): Question {
  return get('/v1/stop-sms/list');
}

/**
 * `{nbData:1,data:[{id:19,phoneNumber:"+33…",createdAt:"2015-07-20 10:19:45"}]}`. An entry that cannot be read is left out,
 * so that one does not keep the others from counting; a list shorter than it says is no answer.
 */
export function readOptOuts(reply: Reply): Answer<readonly ProviderOptOut[]> {
  if (reply.kind !== 'yes') return unanswered(reply);
  const announced = wholeNumberOf(reply.body['nbData']);
  const list = listOf(reply.body['data'] ?? (announced === 0 ? [] : null));
  if (list === null) return unanswered(reply);
  if (announced !== null && list.length < announced) return noAnswer('the STOP list is shorter than it says');
  const optOuts = list.map(optOutOf).filter(optOut => optOut !== null);
  return list.length > 0 && optOuts.length === 0 ? unanswered(reply) : answered(optOuts);
}

/** POST /v1/stop-sms/add ("Ajouter un numéro au stop SMS"). */
export function askToAddOptOut(phoneNumber: string): Question {
  return post('/v1/stop-sms/add', { phoneNumber });
}

export function readAddedOptOut(reply: Reply): Answer<string | null> {
  if (reply.kind === 'no' && ALREADY_THERE.has(reply.code)) return answered(null);
  const id = reply.kind === 'yes' ? identifierOf(reply.body['stopId']) : null;
  // Without an id it is not certain that the number stands there; asking again tells.
  return id === null ? unanswered(reply) : answered(id);
}

/** GET /v1/stop-sms/delete ("Supprimer un numéro du STOP SMS"). */
export function askToRemoveOptOut(id: string): Question {
  return get('/v1/stop-sms/delete', { id });
}

export function readRemovedOptOut(reply: Reply): Answer<boolean> {
  if (reply.kind === 'no' && reply.code === NO_SUCH_ID) return answered(false);
  return reply.kind === 'yes' ? answered(true) : unanswered(reply);
}

function optOutOf(item: unknown): ProviderOptOut | null {
  const fields = recordOf(item);
  const id = identifierOf(fields?.['id']);
  const phoneNumber = phoneNumberOf(fields?.['phoneNumber']);
  return id === null || phoneNumber === null ? null : { id, phoneNumber };
}
