import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GraphqlClient } from '../support/graphql-client.js';
import { type MessageView, type RefusalView, type SmsInput } from '../support/messages.js';
import { appAt, type TestApp } from '../support/test-app.js';

let app: TestApp;
let gql: GraphqlClient;
beforeAll(async () => {
  // Monday 12 January 2026, 11:00 in Paris.
  app = await appAt('2026-01-12T10:00:00Z');
  ({ gql } = await app.tenant());
});
afterAll(() => app.close());

interface WindowView {
  readonly territory: string;
  readonly policy: string;
  readonly timeZone: string;
  readonly open: boolean;
  readonly opensAt: string;
  readonly closesAt: string;
  readonly closedBecause: string | null;
}

async function windowOf(territory: string | null, at: string | null): Promise<WindowView> {
  const document = `query ($territory: Territory!, $at: DateTime) {
    sendWindow(territory: $territory, at: $at) { territory policy timeZone open opensAt closesAt closedBecause } }`;
  const bare = '{ sendWindow { territory policy timeZone open opensAt closesAt closedBecause } }';
  const data =
    territory === null
      ? await gql.run<{ sendWindow: WindowView }>(bare)
      : await gql.run<{ sendWindow: WindowView }>(document, { territory, at });
  return data.sendWindow;
}

describe('sendWindow', () => {
  test('without arguments tells whether METROPOLE is open now, since when and until when', async () => {
    expect(await windowOf(null, null)).toEqual({
      territory: 'METROPOLE',
      policy: 'smspartner',
      timeZone: 'Europe/Paris',
      open: true,
      opensAt: '2026-01-12T07:00:00.000Z',
      closesAt: '2026-01-12T19:00:00.000Z',
      closedBecause: null,
    });
  });

  test.each([
    // [what, territory, at, closedBecause, opensAt, closesAt]
    ['20:00:00', 'METROPOLE', '2026-01-12T19:00:00Z', 'QUIET_HOURS', '2026-01-13T07:00', '2026-01-13T19:00'],
    ['07:59:59', 'METROPOLE', '2026-01-12T06:59:59Z', 'QUIET_HOURS', '2026-01-12T07:00', '2026-01-12T19:00'],
    ['a Sunday', 'METROPOLE', '2026-03-29T10:00:00Z', 'SUNDAY', '2026-03-30T06:00', '2026-03-30T18:00'],
    // Friday 1 May, then Saturday.
    [
      '1 May',
      'METROPOLE',
      '2026-05-01T10:00:00Z',
      'PUBLIC_HOLIDAY: Fête du Travail',
      '2026-05-02T06:00',
      '2026-05-02T18:00',
    ],
    [
      'Good Friday',
      'ALSACE_MOSELLE',
      '2026-04-03T10:00:00Z',
      'PUBLIC_HOLIDAY: Vendredi saint',
      '2026-04-04T06:00',
      '2026-04-04T18:00',
    ],
  ])('says at any instant why it is closed and when it opens: %s', async (_, territory, at, why, opens, closes) => {
    expect(await windowOf(territory, at)).toMatchObject({
      territory,
      open: false,
      closedBecause: why,
      opensAt: `${opens}:00.000Z`,
      closesAt: `${closes}:00.000Z`,
    });
  });

  test('has a shorter or longer day between windows where the clock changes, never a shifted one', async () => {
    const spring = await windowOf('METROPOLE', '2026-03-28T19:00:00Z');
    expect(spring.opensAt).toBe('2026-03-30T06:00:00.000Z');
    const autumn = await windowOf('METROPOLE', '2026-10-24T18:00:00Z');
    expect(autumn.opensAt).toBe('2026-10-26T07:00:00.000Z');
  });

  // Wednesday 14 January 2026, 06:30 UTC.
  test.each([
    ['METROPOLE', 'Europe/Paris', false, '2026-01-14T07:00', '2026-01-14T19:00'],
    ['ALSACE_MOSELLE', 'Europe/Paris', false, '2026-01-14T07:00', '2026-01-14T19:00'],
    ['GUADELOUPE', 'America/Guadeloupe', false, '2026-01-14T12:00', '2026-01-15T00:00'],
    ['MARTINIQUE', 'America/Martinique', false, '2026-01-14T12:00', '2026-01-15T00:00'],
    ['GUYANE', 'America/Cayenne', false, '2026-01-14T11:00', '2026-01-14T23:00'],
    ['REUNION', 'Indian/Reunion', true, '2026-01-14T04:00', '2026-01-14T16:00'],
    ['MAYOTTE', 'Indian/Mayotte', true, '2026-01-14T05:00', '2026-01-14T17:00'],
    ['SAINT_PIERRE_ET_MIQUELON', 'America/Miquelon', false, '2026-01-14T11:00', '2026-01-14T23:00'],
    ['SAINT_BARTHELEMY', 'America/St_Barthelemy', false, '2026-01-14T12:00', '2026-01-15T00:00'],
    ['SAINT_MARTIN', 'America/Marigot', false, '2026-01-14T12:00', '2026-01-15T00:00'],
    ['NOUVELLE_CALEDONIE', 'Pacific/Noumea', true, '2026-01-13T21:00', '2026-01-14T09:00'],
    // Tahiti 20:30 (UTC-10) is closed; all of Tahiti, Marquesas (-9:30) and Gambier (-9) must be open.
    ['POLYNESIE_FRANCAISE', 'Pacific/Tahiti', false, '2026-01-14T18:00', '2026-01-15T05:00'],
    ['WALLIS_ET_FUTUNA', 'Pacific/Wallis', true, '2026-01-13T20:00', '2026-01-14T08:00'],
    ['ABROAD', 'Europe/Paris', false, '2026-01-14T07:00', '2026-01-14T19:00'],
  ])('answers for %s by %s', async (territory, timeZone, open, opens, closes) => {
    expect(await windowOf(territory, '2026-01-14T06:30:00Z')).toEqual({
      territory,
      policy: 'smspartner',
      timeZone,
      open,
      opensAt: `${opens}:00.000Z`,
      closesAt: `${closes}:00.000Z`,
      closedBecause: open ? null : 'QUIET_HOURS',
    });
  });
});

interface PreviewView {
  readonly __typename: 'SmsPreview';
  readonly sentText: string;
  readonly replaced: readonly { readonly from: string; readonly to: string; readonly count: number }[];
  readonly encoding: string;
  readonly parts: number;
  readonly recipients: number;
  readonly optedOut: number;
  readonly cost: string;
  readonly currency: string;
  readonly leavesAt: string;
  readonly holds: MessageView['holds'];
}

async function preview(input: SmsInput, at: string | null = null): Promise<PreviewView | RefusalView> {
  const document = `query ($input: SendSmsInput!, $at: DateTime) { previewSms(input: $input, at: $at) { __typename
    ... on SmsPreview { sentText replaced { from to count } encoding parts recipients optedOut cost currency leavesAt
      holds { rule policy territory timeZone localTime holiday recipients releaseAt explanation } }
    ... on InvalidSms { code message problems { path code message } } } }`;
  const variables = { input: { to: ['+33612345678'], text: 'Bonjour', ...input }, at };
  return (await gql.run<{ previewSms: PreviewView | RefusalView }>(document, variables)).previewSms;
}

describe('previewSms', () => {
  test('tells the text as sent, parts, cost and that it would leave now', async () => {
    expect(await preview({ to: ['06 12 34 56 78', '+33612345678', '0692 12 34 56'], text: 'Ça « va » ?' })).toEqual({
      __typename: 'SmsPreview',
      sentText: expect.stringMatching(/ STOP au 36180$/),
      replaced: expect.arrayContaining([expect.objectContaining({ from: '«', count: 1 })]),
      encoding: 'GSM7',
      parts: 1,
      recipients: 2,
      optedOut: 0,
      cost: '0.0900',
      currency: 'EUR',
      leavesAt: '2026-01-12T10:00:00.000Z',
      holds: [],
    });
  });

  test('tells for another instant who would be held until when, and when the first would leave', async () => {
    // 18:30 in Paris, 21:30 in Réunion.
    const shown = await preview({ to: ['+33612345678', '+262692123456'] }, '2026-02-03T17:30:00Z');
    expect(shown).toMatchObject({ leavesAt: '2026-02-03T17:30:00.000Z' });
    expect('holds' in shown && shown.holds).toEqual([
      expect.objectContaining({
        rule: 'QUIET_HOURS',
        territory: 'REUNION',
        localTime: '2026-02-03T21:30:00',
        recipients: 1,
        releaseAt: '2026-02-04T04:00:00.000Z',
      }),
    ]);
    // Both closed: the first opening is Réunion's.
    const night = await preview({ to: ['+33612345678', '+262692123456'] }, '2026-02-03T20:00:00Z');
    expect(night).toMatchObject({ leavesAt: '2026-02-04T04:00:00.000Z' });
  });

  test('tells a TRANSACTIONAL SMS to leave at night', async () => {
    const shown = await preview({ category: 'TRANSACTIONAL' }, '2026-02-03T22:00:00Z');
    expect(shown).toMatchObject({ leavesAt: '2026-02-03T22:00:00.000Z', holds: [], sentText: 'Bonjour' });
  });

  test('counts who has opted out, at no cost', async () => {
    const tenant = await app.tenant();
    await tenant.gql.run('mutation { addOptOut(phoneNumber: "+33611111111") { phoneNumber } }');
    const document = `query ($input: SendSmsInput!) { previewSms(input: $input) { ... on SmsPreview { recipients optedOut cost } } }`;
    const input = { to: ['+33611111111', '+33622222222'], text: 'Bonjour' };
    const { previewSms } = await tenant.gql.run<{ previewSms: unknown }>(document, { input });
    expect(previewSms).toEqual({ recipients: 2, optedOut: 1, cost: '0.0450' });
  });

  test('is refused with every problem and its path, and sends nothing at all', async () => {
    const refusal = await preview({ to: ['+33612345678', '0142345678'], text: '' });
    expect(refusal).toMatchObject({ __typename: 'InvalidSms', code: 'INVALID_SMS' });
    expect('problems' in refusal && refusal.problems.map(({ path, code }) => [path.join('.'), code])).toEqual([
      ['to.1', 'LANDLINE'],
      ['text', 'TEXT_REQUIRED'],
    ]);
    expect(await app.sql('select count(*)::int as count from messages')).toEqual([{ count: 0 }]);
    expect(await app.sql('select count(*)::int as count from idempotency_records')).toEqual([{ count: 0 }]);
  });
});
