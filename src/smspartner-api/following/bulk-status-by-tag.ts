import { Injectable } from '@nestjs/common';
import { ReadByNumber } from '../../messaging/index.js';
import { type Asked, Endpoint } from '../endpoint.js';
import { elementIdOf } from '../sending/field-names.js';
import { answerFaults } from '../sending/problem-answers.js';
import * as texts from '../texts.js';
import { type Answer, refusal, success } from '../wire/answer.js';
import { wholeNumberOf } from '../wire/loose-values.js';
import { isMissing, nameOf } from '../wire/read-keys.js';
import { statusEntryOf } from './status-list.js';

/** The vendor does not say how many its page has; ours has as many as a call may have numbers. */
const PAGE_SIZE = 500;
const LAST_PAGE = 1_000_000;
/** As at sending: a name that no message can have is not looked for. */
const TAG = /^[^\s\p{C}]{1,20}$/u;

/** GET /v1/bulk-status-by-tag: every recipient of every message with a tag, by pages. */
@Injectable()
export class BulkStatusByTag extends Endpoint {
  readonly method = 'GET';
  readonly path = '/v1/bulk-status-by-tag';
  readonly scopes = ['READ'] as const;

  constructor(private readonly messages: ReadByNumber) {
    super();
  }

  async execute({ tenantId, values }: Asked): Promise<Answer> {
    if (isMissing(values['tag']))
      return answerFaults('errors', [{ elementId: elementIdOf('tag'), message: texts.TAG_REQUIRED }]);
    const tag = nameOf(values['tag']);
    const page = pageOf(values['page']);
    const none = { total: 0, deliveries: [] };
    const { total, deliveries } = TAG.test(tag)
      ? await this.messages.byTag(tenantId, tag, { offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE })
      : none;
    if (total === 0) return refusal(4, texts.MESSAGE_UNKNOWN);
    return success({ currentPage: page, total, StatutResponse_List: deliveries.map(statusEntryOf) });
  }
}

function pageOf(value: unknown): number {
  const page = wholeNumberOf(value);
  return typeof page === 'number' ? Math.min(Math.max(page, 1), LAST_PAGE) : 1;
}
