import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, Scope } from '../accounts/index.js';
import type { TenantId } from '../kernel/index.js';
import type { Answer } from './wire/answer.js';
import type { Values } from './wire/read-values.js';

/** A call whose key is good and whose form could be read; what it says is not judged yet. */
export interface Asked {
  readonly caller: Caller;
  readonly tenantId: TenantId;
  /** The JSON body of a POST, the query of a GET. */
  readonly values: Values;
  readonly headers: IncomingHttpHeaders;
}

/** One call of SMS Partner's API. Refuses by answering; what it throws is turned into an answer by refusal-answers.ts. */
export abstract class Endpoint {
  abstract readonly method: 'GET' | 'POST';
  abstract readonly path: `/v1/${string}`;
  abstract readonly scopes: readonly Scope[] | 'any';
  abstract execute(asked: Asked): Promise<Answer>;
}

/** All of them, for the controller. */
export const ENDPOINTS = Symbol('endpoints');
