import { expect } from 'vitest';
import type { TestApp } from './test-app.js';

const MISCOUNTED = `select s.id from submissions s join (
    select submission_id, count(*) filter (where status = 'WAITING') as waiting, count(*) filter (where status = 'SENT') as sent,
           count(*) filter (where status = 'DELIVERED') as delivered, count(*) filter (where status = 'UNDELIVERED') as undelivered,
           count(*) filter (where status = 'EXPIRED') as expired, count(*) filter (where status = 'REFUSED') as refused,
           count(*) filter (where status = 'OPTED_OUT') as opted_out, count(*) filter (where status = 'CANCELLED') as cancelled,
           count(*) filter (where status = 'UNCONFIRMED') as unconfirmed
      from deliveries group by submission_id) c on c.submission_id = s.id
  where (s.waiting, s.sent, s.delivered, s.undelivered, s.expired, s.refused, s.opted_out, s.cancelled, s.unconfirmed)
     <> (c.waiting, c.sent, c.delivered, c.undelivered, c.expired, c.refused, c.opted_out, c.cancelled, c.unconfirmed)`;

/** Whatever was written of counts on the way, they are those of the deliveries in the end. */
export async function expectCounted(app: TestApp): Promise<void> {
  expect(await app.sql(MISCOUNTED), 'submissions whose counts are not those of their deliveries').toEqual([]);
}
