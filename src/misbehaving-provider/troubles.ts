import type { ServerResponse } from 'node:http';
import type { Chance } from './chance.js';
import { refused, reply, replyHtml } from './wire.js';

/** Ways of not answering, or of answering nothing. */
export type Trouble = 'time-out' | 'reset' | '5xx' | 'html' | '429';

const SERVER_FAULTS = [500, 502, 503, 504];
const RETRY_AFTER_S = [1, 2, 5];

export function failWith(trouble: Trouble, response: ServerResponse, chance: Chance): void {
  switch (trouble) {
    case 'time-out':
      // Left open until the caller has had enough.
      return;
    case 'reset':
      response.req.socket.resetAndDestroy();
      return;
    case '5xx': {
      const status = SERVER_FAULTS[chance.below(SERVER_FAULTS.length)] ?? 500;
      return reply(response, { ...refused(500, "Le message n'a pas pu être mis en file d'attente"), status });
    }
    case 'html':
      // A page is no proof of anything, whatever its status.
      return replyHtml(response, chance.fraction() < 0.5 ? 200 : 502);
    case '429': {
      const seconds = RETRY_AFTER_S[chance.below(RETRY_AFTER_S.length)] ?? 1;
      const answer = { ...refused(429, 'Trop de requêtes'), status: 429 };
      return reply(response, answer, { 'retry-after': String(seconds) });
    }
  }
}
