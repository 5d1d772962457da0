import { answered } from '../answers.js';
import { currencyOf, recordOf, signedDecimalOf } from '../loose-json.js';
import type { Answer, ProviderAccount } from '../sms-provider.js';
import { get, unanswered } from './question.js';
import type { Question, Reply } from './question.js';

/** GET /v1/me ("Crédits"). */
export function askForAccount(): Question {
  return get('/v1/me');
}

/** `{credits:{balance:"10225.119",currency:"EUR"}}`; older answers say `solde`. A postpaid account may stand below zero. */
export function readAccount(reply: Reply): Answer<ProviderAccount> {
  const credits = reply.kind === 'yes' ? recordOf(reply.body['credits']) : null;
  if (credits === null) return unanswered(reply);
  return answered({
    balance: signedDecimalOf(credits['balance']) ?? signedDecimalOf(credits['solde']),
    currency: currencyOf(credits['currency']),
  });
}
