import { Injectable } from '@nestjs/common';
import { OptOuts } from '../../messaging/index.js';
import { type Asked, Endpoint } from '../endpoint.js';
import { writeParisTime } from '../paris-time.js';
import { type Answer, success, type Value } from '../wire/answer.js';

const ROWS_AT_A_TIME = 1_000;
/** The vendor's call has no pages. Who has more entries reads them page by page over GraphQL. */
const MOST_ROWS = 100_000;

/** GET /v1/stop-sms/list: who gets no commercial SMS any more, the newest first. */
@Injectable()
export class StopList extends Endpoint {
  readonly method = 'GET';
  readonly path = '/v1/stop-sms/list';
  readonly scopes = ['READ'] as const;

  constructor(private readonly optOuts: OptOuts) {
    super();
  }

  async execute({ tenantId }: Asked): Promise<Answer> {
    const data: Value[] = [];
    for (let after: string | null = null; data.length < MOST_ROWS;) {
      const rows: Awaited<ReturnType<OptOuts['page']>> = await this.optOuts.page(tenantId, {
        after,
        limit: ROWS_AT_A_TIME,
      });
      for (const { number, phoneNumber, createdAt } of rows)
        data.push({ id: number, phoneNumber, createdAt: writeParisTime(createdAt) });
      after = rows.at(-1)?.id ?? null;
      if (rows.length < ROWS_AT_A_TIME) break;
    }
    return success({ nbData: data.length, data });
  }
}
