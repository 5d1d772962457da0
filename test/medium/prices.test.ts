import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { GraphqlError } from '../support/graphql-client.js';
import { accepted, balanceOf, refused } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

const OPEN = '2026-01-06T09:00:00Z';

let app: TestApp | null = null;
let running: TestApp;
let tenant: TestTenant;
beforeEach(async () => {
  await app?.close();
  running = await appAt(OPEN);
  app = running;
  tenant = await running.tenant();
});
afterAll(() => app?.close());

async function setPrice(input: Readonly<Record<string, unknown>>): Promise<readonly GraphqlError[]> {
  const document = 'mutation ($input: SetPriceInput!) { setPrice(input: $input) { amount validFrom } }';
  return (await running.admin.ask(document, { input: { route: 'PREMIUM', ...input } })).errors;
}

async function costOf(to: string, at?: string): Promise<string> {
  const document = `query ($input: SendSmsInput!, $at: DateTime) { previewSms(input: $input, at: $at) { ... on SmsPreview { cost } } }`;
  const input = { to: [to], text: 'Bonjour' };
  return (await tenant.gql.run<{ previewSms: { cost: string } }>(document, { input, at })).previewSms.cost;
}

/** As many German numbers, for which there is no price. */
const german = (count: number) => Array.from({ length: count }, (_, index) => `+49151${String(23_000_000 + index)}`);

describe('prices', () => {
  test('the longest prefix wins', async () => {
    await setPrice({ prefix: '336', amount: '0.0500' });
    await setPrice({ prefix: '33612', amount: '0.0600' });
    expect(await costOf('+33751234567')).toBe('0.0450');
    expect(await costOf('+33698765432')).toBe('0.0500');
    expect(await costOf('+33612345678')).toBe('0.0600');
    const message = await accepted(tenant.gql, { to: ['+33751234567', '+33698765432', '+33612345678'] });
    expect(message.cost).toBe('0.1550');
    expect(await balanceOf(tenant.gql)).toBe('99.8450');
  });

  test('a number without a price is refused with its path, and one price for the rest of the world mends it', async () => {
    const to = ['+33612345678', '+4915112345678', '+33751234567', '+447400123456'];
    const refusal = await refused(tenant.gql, { to });
    expect(refusal.__typename).toBe('InvalidSms');
    expect(refusal.problems?.map(({ path, code }) => [path, code])).toEqual([
      [['to', '1'], 'NO_PRICE'],
      [['to', '3'], 'NO_PRICE'],
    ]);
    expect(await balanceOf(tenant.gql)).toBe('100.0000');
    await setPrice({ prefix: '', amount: '0.1000' });
    expect((await accepted(tenant.gql, { to })).cost).toBe('0.2900');
  });

  test('of many numbers without a price each is named with its place', async () => {
    const refusal = await refused(tenant.gql, { to: ['+33612345678', ...german(250)] });
    expect(refusal.problems).toEqual(
      Array.from({ length: 250 }, (_, index) =>
        expect.objectContaining({ code: 'NO_PRICE', path: ['to', String(index + 1)] }),
      ),
    );
    expect(await balanceOf(tenant.gql)).toBe('100.0000');
  });

  test('are those of now for a preview of an instant before there were any', async () => {
    const document = `query ($input: SendSmsInput!, $at: DateTime) { previewSms(input: $input, at: $at) { ... on SmsPreview { cost leavesAt } } }`;
    const input = { to: ['+33612345678'], text: 'Bonjour', category: 'TRANSACTIONAL' };
    const { previewSms } = await tenant.gql.run<{ previewSms: unknown }>(document, {
      input,
      at: '2001-03-05T10:00:00Z',
    });
    expect(previewSms).toMatchObject({ leavesAt: '2001-03-05T10:00:00.000Z', cost: expect.stringMatching(/^0\.0/) });
  });

  test('the highest price there can be is 100', async () => {
    expect(await setPrice({ prefix: '33', amount: '100.0000' })).toEqual([]);
    expect(await costOf('+33612345678')).toBe('100.0000');
  });

  test('a price from a later day on is not used before, and is from then on', async () => {
    await setPrice({ prefix: '33', amount: '0.0700', validFrom: '2026-02-01T00:00:00+01:00' });
    const list = '{ prices { route prefix amount } }';
    const french = async () =>
      (await tenant.gql.run<{ prices: { route: string; prefix: string; amount: string }[] }>(list)).prices.filter(
        price => price.prefix === '33' && price.route === 'PREMIUM',
      );
    expect(await french()).toEqual([{ route: 'PREMIUM', prefix: '33', amount: '0.0450' }]);
    expect(await costOf('+33612345678')).toBe('0.0450');
    expect(await costOf('+33612345678', '2026-01-31T22:59:59Z')).toBe('0.0450');
    expect(await costOf('+33612345678', '2026-01-31T23:00:00Z')).toBe('0.0700');
    running.clock.set('2026-02-02T09:00:00Z');
    expect(await costOf('+33612345678')).toBe('0.0700');
    expect(await french()).toEqual([{ route: 'PREMIUM', prefix: '33', amount: '0.0700' }]);
  });

  test('what was accepted keeps its price', async () => {
    const message = await accepted(tenant.gql);
    await setPrice({ prefix: '33', amount: '0.0700' });
    await running.tick();
    const { message: seen } = await tenant.gql.run<{ message: { cost: string } }>(
      'query ($id: ID!) { message(id: $id) { cost } }',
      { id: message.id },
    );
    expect(seen.cost).toBe('0.0450');
    expect(await balanceOf(tenant.gql)).toBe('99.9550');
  });

  test('a price is of one route and one currency', async () => {
    await setPrice({ prefix: '33', amount: '0.0700', currency: 'USD' });
    await setPrice({ prefix: '33', amount: '0.0800', route: 'ECO' });
    expect(await costOf('+33612345678')).toBe('0.0450');
  });

  test('setPrice refuses the past, less than nothing, what is no prefix and what is no currency', async () => {
    const refusals = [
      [{ prefix: '33', amount: '0.0700', validFrom: '2026-01-06T08:59:59Z' }, 'validFrom'],
      [{ prefix: '33', amount: '-0.0001' }, 'amount'],
      [{ prefix: '33', amount: '100.0001' }, 'amount'],
      [{ prefix: '33', amount: '9999999999.9999' }, 'amount'],
      [{ prefix: '+33', amount: '0.0700' }, 'prefix'],
      [{ prefix: '1234567890123456', amount: '0.0700' }, 'prefix'],
      [{ prefix: '33', amount: '0.0700', currency: 'euro' }, 'currency'],
    ] as const;
    for (const [input, named] of refusals) {
      const [error] = await setPrice(input);
      expect(error?.extensions.code).toBe('BAD_USER_INPUT');
      expect(error?.message).toContain(named);
    }
    expect(await costOf('+33612345678')).toBe('0.0450');
  });
});
