import { afterEach, describe, expect, test } from 'vitest';
import { accepted, acceptedFor, balanceOf, deliveriesOf, look, type MessageView } from '../support/messages.js';
import { appAt, type TestApp } from '../support/test-app.js';

let app: TestApp;
afterEach(() => app.close());

const PARIS = '+33612345678';
const REUNION = '0692 12 34 56';
const GUADELOUPE = '0690 12 34 56';

/** Numbers that reached the provider, in the order of its calls. */
const reached = (): string[] => app.simulator.accepted.flatMap(({ sms }) => [...sms.recipients]);

/** Nothing to `numbers` one second before `instant`; all of them, and only now, at it. */
async function leavesExactlyAt(instant: string, numbers: readonly string[]): Promise<void> {
  const before = reached();
  app.clock.set(instant);
  app.clock.advance({ seconds: -1 });
  await app.tick();
  expect(reached()).toEqual(before);
  app.clock.set(instant);
  await app.tick();
  expect(reached().slice(before.length).toSorted()).toEqual([...numbers].toSorted());
  expect(app.simulator.accepted.at(-1)?.at.toISOString()).toBe(new Date(instant).toISOString());
}

const kinds = (message: MessageView): string[] => message.timeline.map(event => event.kind);

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
  expect(kinds(done)).toEqual(['accepted', 'held', 'released', 'attempt', 'sent', 'receipt']);
});

describe('a local public holiday on a working day', () => {
  test('of Réunion (20 December) holds its recipients to the next morning there; Paris gets the same SMS at once', async () => {
    // Monday 20 December 2027, 12:00 in Saint-Denis, 09:00 in Paris.
    app = await appAt('2027-12-20T08:00:00Z');
    const { gql } = await app.tenant();
    const message = await accepted(gql, { to: [PARIS, REUNION] });
    expect(message.holds).toEqual([
      {
        rule: 'PUBLIC_HOLIDAY',
        policy: 'smspartner',
        territory: 'REUNION',
        timeZone: 'Indian/Reunion',
        localTime: '2027-12-20T12:00:00',
        holiday: "Abolition de l'esclavage",
        recipients: 1,
        releaseAt: '2027-12-21T04:00:00.000Z',
        explanation: expect.stringContaining("Abolition de l'esclavage"),
      },
    ]);
    expect(message.releaseAt).toBe('2027-12-21T04:00:00.000Z');
    await app.tick();
    expect(reached()).toEqual(['+33612345678']);
    expect(await deliveriesOf(gql, message.id)).toEqual([
      expect.objectContaining({ phoneNumber: '+33612345678', territory: 'METROPOLE', status: 'SENT' }),
      expect.objectContaining({ phoneNumber: '+262692123456', territory: 'REUNION', status: 'WAITING' }),
    ]);
    expect((await look(gql, message.id)).status).toBe('HELD');
    await leavesExactlyAt('2027-12-21T04:00:00Z', ['+262692123456']);
  });

  test('of Alsace-Moselle (Good Friday) holds a +33 number only where the sender names the territory', async () => {
    // Good Friday 3 April 2026, 10:00 in Strasbourg; 04:00 in Pointe-à-Pitre, no holiday there.
    app = await appAt('2026-04-03T08:00:00Z');
    const { gql } = await app.tenant();
    const alsace = await accepted(gql, { to: [PARIS, GUADELOUPE], territory: 'ALSACE_MOSELLE' });
    const metropole = await accepted(gql, { to: ['+33687654321'] });
    expect(alsace.holds).toEqual([
      expect.objectContaining({
        rule: 'PUBLIC_HOLIDAY',
        territory: 'ALSACE_MOSELLE',
        timeZone: 'Europe/Paris',
        holiday: 'Vendredi saint',
        localTime: '2026-04-03T10:00:00',
        releaseAt: '2026-04-04T06:00:00.000Z',
      }),
      // Not an +33 number: its own territory and hours.
      expect.objectContaining({ rule: 'QUIET_HOURS', territory: 'GUADELOUPE', releaseAt: '2026-04-03T12:00:00.000Z' }),
    ]);
    expect(metropole.status).toBe('QUEUED');
    expect(metropole.holds).toEqual([]);
    await app.tick();
    expect(reached()).toEqual(['+33687654321']);
    await leavesExactlyAt('2026-04-03T12:00:00Z', ['+590690123456']);
    await leavesExactlyAt('2026-04-04T06:00:00Z', ['+33612345678']);
  });

  test('of Guadeloupe (27 May) holds to the next morning there; Saint-Barthélemy, by hint on the same number, is open', async () => {
    // Wednesday 27 May 2026, 09:00 in Pointe-à-Pitre, 15:00 in Paris.
    app = await appAt('2026-05-27T13:00:00Z');
    const { gql } = await app.tenant();
    const message = await accepted(gql, { to: [GUADELOUPE, PARIS] });
    const elsewhere = await accepted(gql, { to: ['+590690654321'], territory: 'SAINT_BARTHELEMY' });
    expect(message.holds).toEqual([
      expect.objectContaining({
        rule: 'PUBLIC_HOLIDAY',
        territory: 'GUADELOUPE',
        timeZone: 'America/Guadeloupe',
        holiday: "Abolition de l'esclavage",
        localTime: '2026-05-27T09:00:00',
        recipients: 1,
        releaseAt: '2026-05-28T12:00:00.000Z',
      }),
    ]);
    expect(elsewhere.holds).toEqual([]);
    await app.tick();
    expect(reached().toSorted()).toEqual(['+33612345678', '+590690654321']);
    await leavesExactlyAt('2026-05-28T12:00:00Z', ['+590690123456']);
  });
});

describe('on the Sundays when Paris changes its clocks', () => {
  test.each([
    { change: 'forward on 29 March', saturday: '2026-03-28T19:30:00Z', monday: '2026-03-30T06:00:00Z' },
    { change: 'back on 25 October', saturday: '2026-10-24T18:30:00Z', monday: '2026-10-26T07:00:00Z' },
  ])('$change: an SMS of the Saturday evening leaves on Monday at 08:00 local', async ({ saturday, monday }) => {
    app = await appAt(saturday);
    const { gql } = await app.tenant();
    const held = await accepted(gql);
    expect(held.status).toBe('HELD');
    expect(held.holds[0]?.localTime).toMatch(/T20:30:00$/);
    expect(held.releaseAt).toBe(new Date(monday).toISOString());
    await leavesExactlyAt(monday, ['+33612345678']);
  });

  test('an SMS of that Sunday itself is held for being a Sunday, by the new clock', async () => {
    app = await appAt('2026-03-29T10:00:00Z');
    const { gql } = await app.tenant();
    const [hold] = (await accepted(gql)).holds;
    expect(hold).toMatchObject({
      rule: 'SUNDAY',
      localTime: '2026-03-29T12:00:00',
      releaseAt: '2026-03-30T06:00:00.000Z',
    });
  });
});

describe('an explicit schedule', () => {
  test('that falls into quiet hours is accepted and held on to the next opening', async () => {
    app = await appAt('2026-01-12T10:00:00Z');
    const { gql } = await app.tenant();
    // Tuesday 21:15 in Paris.
    const message = await acceptedFor(gql, '2026-01-13T20:15:00Z');
    expect(message).toMatchObject({
      status: 'HELD',
      scheduledFor: '2026-01-13T20:15:00.000Z',
      releaseAt: '2026-01-14T07:00:00.000Z',
    });
    expect(message.holds).toEqual([
      expect.objectContaining({
        rule: 'QUIET_HOURS',
        localTime: '2026-01-13T21:15:00',
        releaseAt: '2026-01-14T07:00:00.000Z',
      }),
    ]);
    await leavesExactlyAt('2026-01-14T07:00:00Z', ['+33612345678']);
    expect((await look(gql, message.id)).scheduledFor).toBe('2026-01-13T20:15:00.000Z');
  });

  test('inside the window is SCHEDULED and leaves at its minute', async () => {
    app = await appAt('2026-01-12T21:00:00Z');
    const { gql } = await app.tenant();
    const message = await acceptedFor(gql, '2026-01-13T13:37:00Z');
    expect(message).toMatchObject({
      status: 'SCHEDULED',
      scheduledFor: '2026-01-13T13:37:00.000Z',
      releaseAt: '2026-01-13T13:37:00.000Z',
      holds: [],
    });
    await leavesExactlyAt('2026-01-13T13:37:00Z', ['+33612345678']);
    expect(kinds(await look(gql, message.id))).toEqual(['accepted', 'scheduled', 'released', 'attempt', 'sent']);
  });

  test('is judged by each territory’s own clock', async () => {
    app = await appAt('2026-01-12T06:00:00Z');
    const { gql } = await app.tenant();
    // 11:00 in Paris, 14:00 in Réunion, 06:00 in Guadeloupe.
    const message = await acceptedFor(gql, '2026-01-12T10:00:00Z', { to: [PARIS, REUNION, GUADELOUPE] });
    expect(message.status).toBe('HELD');
    expect(message.holds.map(({ territory, releaseAt }) => [territory, releaseAt])).toEqual([
      ['GUADELOUPE', '2026-01-12T12:00:00.000Z'],
    ]);
    expect(message.releaseAt).toBe('2026-01-12T10:00:00.000Z');
    await leavesExactlyAt('2026-01-12T10:00:00Z', ['+33612345678', '+262692123456']);
    await leavesExactlyAt('2026-01-12T12:00:00Z', ['+590690123456']);
  });
});

describe('the window is half-open', () => {
  test('19:59:59 leaves, 20:00:00 is closed, 08:00:00 is open', async () => {
    app = await appAt('2026-01-12T18:59:59Z');
    const { gql } = await app.tenant();
    const before = await accepted(gql, { to: ['+33612345601'] });
    expect(before.status).toBe('QUEUED');
    await app.tick();
    app.clock.set('2026-01-12T19:00:00Z');
    const at = await accepted(gql, { to: ['+33612345602'] });
    expect(at.status).toBe('HELD');
    expect(at.holds[0]).toMatchObject({ rule: 'QUIET_HOURS', localTime: '2026-01-12T20:00:00' });
    await app.tick();
    app.clock.set('2026-01-13T07:00:00Z');
    expect((await accepted(gql, { to: ['+33612345603'] })).status).toBe('QUEUED');
    expect(reached()).toEqual(['+33612345601']);
    await app.tick();
    expect(reached().toSorted()).toEqual(['+33612345601', '+33612345602', '+33612345603']);
  });

  test('what was accepted at 19:59:59 and not yet called at 20:00:00 goes back to HELD and leaves in the morning', async () => {
    app = await appAt('2026-01-12T18:59:59Z');
    const { gql } = await app.tenant();
    const message = await accepted(gql);
    expect(message.status).toBe('QUEUED');
    app.clock.set('2026-01-12T19:00:00Z');
    await app.tick();
    const held = await look(gql, message.id);
    expect(held).toMatchObject({ status: 'HELD', releaseAt: '2026-01-13T07:00:00.000Z' });
    expect(held.holds[0]).toMatchObject({ rule: 'QUIET_HOURS', localTime: '2026-01-12T20:00:00' });
    await leavesExactlyAt('2026-01-13T07:00:00Z', ['+33612345678']);
  });

  test('what is still QUEUED at closing, because the provider is not reachable, goes back to HELD', async () => {
    app = await appAt('2026-01-12T18:50:00Z');
    const { gql } = await app.tenant();
    const message = await accepted(gql, { to: ['+33612340005'] });
    await app.tick();
    expect((await look(gql, message.id)).status).toBe('QUEUED');
    app.clock.set('2026-01-12T19:00:00Z');
    await app.tick();
    const held = await look(gql, message.id);
    expect(held).toMatchObject({ status: 'HELD', releaseAt: '2026-01-13T07:00:00.000Z' });
    expect(held.waiting).toEqual([expect.objectContaining({ kind: 'LAW', recipients: 1 })]);
    expect(kinds(held)).toEqual(['accepted', 'attempt', 'not-sent', 'held']);
    app.clock.set('2026-01-13T06:59:59Z');
    await app.tick();
    expect(kinds(await look(gql, message.id))).toEqual(['accepted', 'attempt', 'not-sent', 'held']);
    app.clock.set('2026-01-13T07:00:00Z');
    await app.tick();
    const again = await look(gql, message.id);
    expect(again.status).toBe('QUEUED');
    expect(kinds(again).slice(4)).toEqual(['released', 'attempt', 'not-sent']);
    expect(await balanceOf(gql)).toBe('99.9550');
  });
});
