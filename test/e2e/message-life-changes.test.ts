import { afterEach, describe, expect, test } from 'vitest';
import type { GraphqlError } from '../support/graphql-client.js';
import {
  accepted,
  acceptedFor,
  balanceOf,
  cancel,
  deliveriesOf,
  look,
  type MessageView,
  reschedule,
} from '../support/messages.js';
import { refuseOnly, ScriptedProvider, UNREACHABLE } from '../support/scripted-provider.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

let app: TestApp;
afterEach(() => app.close());

const OPEN = '2026-01-12T10:00:00Z';
const NIGHT = '2026-01-12T21:00:00Z';
const MORNING = '2026-01-13T07:00:00Z';

const kinds = (message: MessageView): string[] => message.timeline.map(event => event.kind);

async function refusedReschedule({ gql }: TestTenant, id: string, at: string): Promise<GraphqlError | undefined> {
  const document = 'mutation ($id: ID!, $at: DateTime!) { rescheduleMessage(id: $id, at: $at) { __typename } }';
  const { errors } = await gql.ask(document, { id, at });
  return errors[0];
}

describe('cancelMessage', () => {
  test('while HELD pays back exactly, ends the deliveries, and nothing leaves in the morning', async () => {
    app = await appAt(NIGHT);
    const { gql } = await app.tenant({ credit: '10.0000' });
    const held = await accepted(gql, { to: ['+33612345678', '+33687654321'], text: 'a'.repeat(200) });
    expect(held).toMatchObject({ status: 'HELD', parts: 2, cost: '0.1800' });
    expect(await balanceOf(gql)).toBe('9.8200');

    const cancelled = await cancel(gql, held.id);
    expect(cancelled).toMatchObject({
      __typename: 'Message',
      status: 'CANCELLED',
      cost: '0.0000',
      releaseAt: null,
      holds: [],
      waiting: [],
      counts: { cancelled: 2, waiting: 0 },
    });
    expect(await balanceOf(gql)).toBe('10.0000');
    expect((await deliveriesOf(gql, held.id)).map(({ status, cost }) => [status, cost])).toEqual([
      ['CANCELLED', '0.0000'],
      ['CANCELLED', '0.0000'],
    ]);
    expect(kinds(await look(gql, held.id))).toEqual(['accepted', 'held', 'cancelled']);

    app.clock.set(MORNING);
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(0);
  });

  test('a second time is TooLate with the status, and pays nothing back again', async () => {
    app = await appAt(NIGHT);
    const { gql } = await app.tenant();
    const { id } = await accepted(gql);
    await cancel(gql, id);
    expect(await cancel(gql, id)).toMatchObject({ __typename: 'TooLate', code: 'TOO_LATE', status: 'CANCELLED' });
    expect(await balanceOf(gql)).toBe('100.0000');
  });

  test('asked twice at the same moment succeeds once and pays back once', async () => {
    app = await appAt(NIGHT);
    const { gql } = await app.tenant();
    const { id } = await accepted(gql);
    const answers = await Promise.all([cancel(gql, id), cancel(gql, id), cancel(gql, id)]);
    expect(answers.map(answer => answer.__typename).toSorted()).toEqual(['Message', 'TooLate', 'TooLate']);
    expect(await balanceOf(gql)).toBe('100.0000');
  });

  test('of a scheduled message and of one that waits for the provider pays back too', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const scheduled = await acceptedFor(gql, '2026-01-12T12:00:00Z');
    const unreachable = await accepted(gql, { to: ['+33612340005'] });
    await app.tick();
    expect(await balanceOf(gql)).toBe('99.9100');
    expect(await cancel(gql, scheduled.id)).toMatchObject({ status: 'CANCELLED' });
    expect(await cancel(gql, unreachable.id)).toMatchObject({ status: 'CANCELLED' });
    expect(await balanceOf(gql)).toBe('100.0000');
    app.clock.set('2026-01-12T13:00:00Z');
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(0);
    expect(kinds(await look(gql, unreachable.id))).toEqual(['accepted', 'attempt', 'not-sent', 'cancelled']);
  });

  test('after it was SENT, in doubt or done, is TooLate with the status, and the SMS stays charged', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const { id } = await accepted(gql);
    const doubtful = await accepted(gql, { to: ['+33612340004'] });
    await app.tick();
    expect(await cancel(gql, id)).toMatchObject({ __typename: 'TooLate', status: 'SENT' });
    expect(await cancel(gql, doubtful.id)).toMatchObject({ __typename: 'TooLate', status: 'UNCONFIRMED' });
    app.clock.advance({ seconds: 2 });
    await app.tick();
    expect(await cancel(gql, id)).toMatchObject({ __typename: 'TooLate', status: 'COMPLETED' });
    expect(await balanceOf(gql)).toBe('99.9100');
  });

  test('stops what has not gone: Paris has its SMS, Réunion does not get it, and that part is paid back', async () => {
    // 18:00 in Paris, 21:00 in Réunion.
    app = await appAt('2026-01-12T17:00:00Z');
    const { gql } = await app.tenant();
    const { id } = await accepted(gql, { to: ['+33612345678', '+262692123456'] });
    await app.tick();
    expect(await cancel(gql, id)).toMatchObject({ status: 'SENT', cost: '0.0450', counts: { sent: 1, cancelled: 1 } });
    expect(await balanceOf(gql)).toBe('99.9550');
    app.clock.set('2026-01-13T05:00:00Z');
    await app.tick();
    expect((await look(gql, id)).status).toBe('COMPLETED');
    expect(app.simulator.accepted.flatMap(({ sms }) => sms.recipients)).toEqual(['+33612345678']);
  });

  test('leaves alone and pays back only once whoever the provider had refused before', async () => {
    const provider = new ScriptedProvider().answers(refuseOnly('+33687654321'), UNREACHABLE);
    app = await appAt(OPEN, { provider });
    const { gql } = await app.tenant();
    const { id } = await accepted(gql, { to: ['+33612345678', '+33687654321'] });
    await app.tick();
    expect(await balanceOf(gql)).toBe('99.9550');
    expect(await cancel(gql, id)).toMatchObject({ cost: '0.0000', counts: { refused: 1, cancelled: 1, waiting: 0 } });
    expect(await balanceOf(gql)).toBe('100.0000');
    expect(provider.recipients).toEqual([['+33612345678', '+33687654321'], ['+33612345678']]);
  });

  test('of another tenant’s message, or of none, is NOT_FOUND', async () => {
    app = await appAt(NIGHT);
    const { gql } = await app.tenant();
    const other = await app.tenant();
    const { id } = await accepted(gql);
    const document = 'mutation ($id: ID!) { cancelMessage(id: $id) { __typename } }';
    for (const wrong of [id, '01890000-0000-7000-8000-000000000000', 'nonsense']) {
      const { errors } = await other.gql.ask(document, { id: wrong });
      expect(errors[0]?.extensions.code).toBe('NOT_FOUND');
    }
    expect((await refusedReschedule(other, id, MORNING))?.extensions.code).toBe('NOT_FOUND');
    expect((await look(gql, id)).status).toBe('HELD');
  });
});

describe('rescheduleMessage', () => {
  test('moves a SCHEDULED message: it leaves at the new instant and not at the old one', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const { id } = await acceptedFor(gql, '2026-01-12T12:00:00Z');
    expect(await reschedule(gql, id, '2026-01-12T15:30:00Z')).toMatchObject({
      __typename: 'Message',
      status: 'SCHEDULED',
      scheduledFor: '2026-01-12T15:30:00.000Z',
      releaseAt: '2026-01-12T15:30:00.000Z',
    });
    app.clock.set('2026-01-12T15:29:59Z');
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(0);
    app.clock.set('2026-01-12T15:30:00Z');
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(1);
    expect(kinds(await look(gql, id))).toEqual(['accepted', 'scheduled', 'rescheduled', 'released', 'attempt', 'sent']);
  });

  test('moves a message forward as well as back', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const { id } = await acceptedFor(gql, '2026-01-14T12:00:00Z');
    await reschedule(gql, id, '2026-01-12T11:00:00Z');
    app.clock.set('2026-01-12T11:00:00Z');
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(1);
  });

  test('moves a HELD message to another instant, where it is SCHEDULED and no longer held', async () => {
    app = await appAt(NIGHT);
    const { gql } = await app.tenant();
    const held = await accepted(gql);
    expect(held.status).toBe('HELD');
    expect(await reschedule(gql, held.id, '2026-01-15T09:00:00Z')).toMatchObject({
      status: 'SCHEDULED',
      scheduledFor: '2026-01-15T09:00:00.000Z',
      releaseAt: '2026-01-15T09:00:00.000Z',
      holds: [],
      waiting: [{ kind: 'SCHEDULE' }],
    });
    app.clock.set(MORNING);
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(0);
    app.clock.set('2026-01-15T09:00:00Z');
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(1);
    expect(await balanceOf(gql)).toBe('99.9550');
  });

  test('into quiet hours holds it on to the next opening', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const { id } = await acceptedFor(gql, '2026-01-12T12:00:00Z');
    // Saturday 22:00 in Paris, to Monday.
    const moved = await reschedule(gql, id, '2026-01-17T21:00:00Z');
    expect(moved).toMatchObject({
      status: 'HELD',
      scheduledFor: '2026-01-17T21:00:00.000Z',
      releaseAt: '2026-01-19T07:00:00.000Z',
      holds: [{ rule: 'QUIET_HOURS', localTime: '2026-01-17T22:00:00', releaseAt: '2026-01-19T07:00:00.000Z' }],
    });
    expect(kinds(await look(gql, id))).toEqual(['accepted', 'scheduled', 'rescheduled', 'held']);
    app.clock.set('2026-01-19T07:00:00Z');
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(1);
  });

  test('moves each territory by its own hours', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const { id } = await acceptedFor(gql, '2026-01-13T10:00:00Z', { to: ['+33612345678', '+262692123456'] });
    const moved = await reschedule(gql, id, '2026-01-13T17:00:00Z');
    expect(moved).toMatchObject({
      status: 'HELD',
      releaseAt: '2026-01-13T17:00:00.000Z',
      holds: [{ territory: 'REUNION', releaseAt: '2026-01-14T04:00:00.000Z' }],
    });
  });

  test('after it was SENT or CANCELLED is TooLate with the status', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const sent = await accepted(gql);
    const cancelled = await acceptedFor(gql, '2026-01-12T12:00:00Z');
    await app.tick();
    await cancel(gql, cancelled.id);
    const later = '2026-01-12T15:00:00Z';
    expect(await reschedule(gql, sent.id, later)).toMatchObject({ __typename: 'TooLate', status: 'SENT' });
    expect(await reschedule(gql, cancelled.id, later)).toMatchObject({ __typename: 'TooLate', status: 'CANCELLED' });
    expect((await look(gql, cancelled.id)).scheduledFor).toBe('2026-01-12T12:00:00.000Z');
    app.clock.set(later);
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(1);
  });

  test('into the past, to now or beyond a year is refused as BAD_USER_INPUT and changes nothing', async () => {
    app = await appAt(OPEN);
    const tenant = await app.tenant();
    const { id } = await acceptedFor(tenant.gql, '2026-01-12T12:00:00Z');
    for (const at of ['2026-01-12T09:59:59Z', '2026-01-12T10:00:00Z', '2027-02-12T10:00:00Z']) {
      const error = await refusedReschedule(tenant, id, at);
      expect(error?.extensions.code).toBe('BAD_USER_INPUT');
      expect(error?.message).toMatch(/^at must be /);
    }
    expect(await look(tenant.gql, id)).toMatchObject({ status: 'SCHEDULED', releaseAt: '2026-01-12T12:00:00.000Z' });
  });

  test('of what waits for the provider sends it later, once', async () => {
    app = await appAt(OPEN);
    const { gql } = await app.tenant();
    const { id } = await accepted(gql);
    expect(await reschedule(gql, id, '2026-01-12T15:00:00Z')).toMatchObject({ status: 'SCHEDULED' });
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(0);
    app.clock.set('2026-01-12T15:00:00Z');
    await app.tick();
    expect(app.simulator.accepted).toHaveLength(1);
  });
});
