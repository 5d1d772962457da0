import { afterEach, expect, test } from 'vitest';
import { accepted, look } from '../support/messages.js';
import { appAt, type TestApp } from '../support/test-app.js';

let app: TestApp;
afterEach(() => app.close());

test('a commercial SMS of Saturday 20:30 is held to Monday 08:00 in Paris, says why, and leaves then', async () => {
  app = await appAt('2026-01-10T19:30:00Z');
  const { gql } = await app.tenant();
  const held = await accepted(gql);
  expect(held.status).toBe('HELD');
  expect(held.releaseAt).toBe('2026-01-12T07:00:00.000Z');
  expect(held.holds).toEqual([
    {
      rule: 'QUIET_HOURS',
      policy: 'smspartner',
      territory: 'METROPOLE',
      timeZone: 'Europe/Paris',
      localTime: '2026-01-10T20:30:00',
      holiday: null,
      recipients: 1,
      releaseAt: '2026-01-12T07:00:00.000Z',
      explanation: expect.stringContaining('Saturday'),
    },
  ]);
  app.clock.set('2026-01-12T06:59:59Z');
  await app.tick();
  expect((await look(gql, held.id)).status).toBe('HELD');
  expect(app.simulator.accepted).toHaveLength(0);

  app.clock.set('2026-01-12T07:00:00Z');
  await app.tick();
  expect(app.simulator.accepted).toHaveLength(1);
  expect((await look(gql, held.id)).status).toBe('SENT');
  app.clock.advance({ seconds: 2 });
  await app.tick();
  const done = await look(gql, held.id);
  expect(done.status).toBe('COMPLETED');
  expect(done.timeline.map(event => event.kind)).toEqual([
    'accepted',
    'held',
    'released',
    'attempt',
    'sent',
    'receipt',
  ]);
});
