import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GraphqlClient, GraphqlError } from '../support/graphql-client.js';
import { GraphqlClient as Client } from '../support/graphql-client.js';
import { accepted, acceptedFor, balanceOf, cancel, refused, reschedule, send } from '../support/messages.js';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

let app: TestApp;
let tenant: TestTenant;
let gql: GraphqlClient;
// Tuesday, 10:00 in Paris: the window is open.
beforeAll(async () => {
  app = await appAt('2026-01-06T09:00:00Z');
  tenant = await app.tenant();
  gql = tenant.gql;
});
afterAll(() => app.close());

async function errorOf(client: GraphqlClient, document: string, variables = {}): Promise<GraphqlError> {
  const { errors } = await client.ask(document, variables);
  const [error, ...others] = errors;
  if (error === undefined || others.length > 0) throw new Error(`one error, not ${errors.length}`);
  return error;
}

describe('refusals that a client handles', () => {
  test('InvalidSms tells everything that is wrong at once, each with its path and how to mend it', async () => {
    const refusal = await refused(gql, {
      to: ['+33612345678', '0123456789', 'nobody'],
      text: '',
      sender: '!',
      tag: 'Two words',
      validitySeconds: 1,
    });
    expect(refusal).toMatchObject({ __typename: 'InvalidSms', code: 'INVALID_SMS' });
    expect(refusal.problems?.map(problem => problem.path.join('.')).toSorted()).toEqual([
      'sender',
      'tag',
      'text',
      'to.1',
      'to.2',
      'validitySeconds',
    ]);
    expect(refusal.problems?.every(problem => problem.code !== '' && problem.message.length > 20)).toBe(true);
  });

  test('an address inside is refused by name, and not repeated', async () => {
    const refusal = await refused(gql, { receiptUrl: 'http://169.254.169.254/r', replyUrl: 'https://localhost/a' });
    expect(refusal.__typename).toBe('InvalidSms');
    expect(refusal.problems).toEqual(
      ['receiptUrl', 'replyUrl'].map(field => ({
        path: [field],
        code: 'INVALID_URL',
        message: expect.stringMatching(new RegExp(`^${field} (?!.*(169|localhost/))`)),
      })),
    );
  });

  test('InsufficientCredit tells what it costs and what is there, and takes nothing', async () => {
    const poor = await app.tenant({ credit: '0.0400' });
    expect(await refused(poor.gql)).toMatchObject({
      __typename: 'InsufficientCredit',
      code: 'INSUFFICIENT_CREDIT',
      required: '0.0450',
      balance: '0.0400',
      currency: 'EUR',
    });
    expect(await balanceOf(poor.gql)).toBe('0.0400');
  });

  test('NoRecipient answers where everybody has opted out', async () => {
    await gql.run('mutation { addOptOut(phoneNumber: "+33611111111") { source } }');
    const refusal = await refused(gql, { to: ['+33611111111', '06 11 11 11 11'] });
    expect(refusal).toMatchObject({ __typename: 'NoRecipient', code: 'NO_RECIPIENT' });
  });

  test('IdempotencyConflict answers where a key already means another SMS', async () => {
    await accepted(gql, { idempotencyKey: 'one' });
    const refusal = await refused(gql, { idempotencyKey: 'one', text: 'Bonsoir' });
    expect(refusal).toMatchObject({ __typename: 'IdempotencyConflict', code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('TooLate answers a cancel and a reschedule of what has gone, with how far it is', async () => {
    const message = await accepted(gql);
    await app.tick();
    const tooLate = { __typename: 'TooLate', code: 'TOO_LATE', status: 'SENT' };
    expect(await cancel(gql, message.id)).toMatchObject(tooLate);
    expect(await reschedule(gql, message.id, '2026-01-07T09:00:00Z')).toMatchObject(tooLate);
  });

  test('TooLate answers a second cancel', async () => {
    const message = await acceptedFor(gql, '2026-01-07T09:00:00Z');
    expect(await cancel(gql, message.id)).toMatchObject({ __typename: 'Message', status: 'CANCELLED' });
    expect(await cancel(gql, message.id)).toMatchObject({ __typename: 'TooLate', status: 'CANCELLED' });
  });
});

describe('GraphQL errors', () => {
  test('UNAUTHENTICATED says which header is missing and repeats nothing that was sent', async () => {
    const error = await errorOf(new Client(app.url, 'not-a-key'), '{ viewer { scopes } }');
    expect(error.extensions.code).toBe('UNAUTHENTICATED');
    expect(error.message).toContain('Authorization: Bearer');
    expect(JSON.stringify(error)).not.toContain('not-a-key');
  });

  test('FORBIDDEN says which scope is needed', async () => {
    const reader = await app.key(tenant.id, ['READ']);
    const error = await errorOf(
      reader,
      'mutation { sendSms(input: { to: ["+33612345678"], text: "x" }) { __typename } }',
    );
    expect(error.extensions.code).toBe('FORBIDDEN');
    expect(error.message).toContain('SEND');
  });

  test('NOT_FOUND answers a change of what is not there, whatever the id looks like', async () => {
    for (const id of ['0198a1b2-0000-7000-8000-000000000001', 'nonsense', '', "'; drop table messages; --"]) {
      const error = await errorOf(gql, 'mutation ($id: ID!) { cancelMessage(id: $id) { __typename } }', { id });
      expect(error.extensions.code).toBe('NOT_FOUND');
    }
  });

  test('a query of what is not there answers null', async () => {
    const document = '{ message(id: "nonsense") { id } messageByNumber(number: 1) { id } }';
    expect(await gql.run(document)).toEqual({ message: null, messageByNumber: null });
  });

  test('BAD_USER_INPUT names the argument and how to mend it', async () => {
    const cases = {
      '{ messages(first: 0) { nodes { id } } }': 'first',
      '{ messages(first: 501) { nodes { id } } }': 'first',
      '{ messages(after: "nonsense") { nodes { id } } }': 'after',
      [`{ messages(after: "${Buffer.from('-'.repeat(36)).toString('base64url')}") { nodes { id } } }`]: 'after',
      '{ messages(filter: { phoneNumber: "12" }) { nodes { id } } }': 'filter.phoneNumber',
      'mutation { addOptOut(phoneNumber: "nobody") { source } }': 'phoneNumber',
      'mutation { issueApiKey(input: { name: " ", scopes: [READ] }) { secret } }': 'name',
      'mutation { issueApiKey(input: { name: "x", scopes: [] }) { secret } }': 'scopes',
    };
    for (const [document, argument] of Object.entries(cases)) {
      const error = await errorOf(gql, document);
      expect([document, error.extensions.code]).toEqual([document, 'BAD_USER_INPUT']);
      expect(error.message).toContain(argument);
    }
  });

  test.each([
    ['that cannot be parsed', '{ viewer {', 'GRAPHQL_PARSE_FAILED'],
    ['with a field there is not', '{ viewer { nonsense } }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('a document %s is BAD_USER_INPUT, and which fault it was stands beside it', async (_, document, reason) => {
    expect((await errorOf(gql, document)).extensions).toMatchObject({ code: 'BAD_USER_INPUT', reason });
  });

  test("an administrator who names no tenant is told to: the platform's key has no messages of its own", async () => {
    const error = await errorOf(app.admin, '{ messages { nodes { id } } }');
    expect(error.extensions.code).toBe('FORBIDDEN');
    expect(error.message).toContain('tenantId');
  });

  test.for([
    ['a DateTime without an offset', '{ sendWindow(at: "2026-01-06T09:00:00") { open } }'],
    ['a DateTime that is a date', '{ sendWindow(at: "2026-01-06") { open } }'],
    ['30 February', '{ sendWindow(at: "2026-02-30T09:00:00Z") { open } }'],
    ['25 o’clock', '{ sendWindow(at: "2026-01-06T25:00:00Z") { open } }'],
    ['24 o’clock', '{ sendWindow(at: "2026-01-06T24:00:00Z") { open } }'],
    ['the year 9999', '{ sendWindow(at: "9999-12-31T23:59:59Z") { open } }'],
    ['the year 1969', '{ sendWindow(at: "1969-12-31T23:59:59Z") { open } }'],
    ['a DateTime as a number', '{ sendWindow(at: 1767690000) { open } }'],
    ['a phone number as a number', 'mutation { addOptOut(phoneNumber: 33612345678) { source } }'],
    ['a SafeInt as a string', '{ messageByNumber(number: "1") { id } }'],
    ['a SafeInt beyond 2^53', '{ messageByNumber(number: 9007199254740993) { id } }'],
  ] as const)('%s written into the document is BAD_USER_INPUT', async ([, document]) => {
    expect((await errorOf(gql, document)).extensions.code).toBe('BAD_USER_INPUT');
  });

  test.for([
    ['DateTime', '{ sendWindow(at: $value) { open } }', '2026-01-06T09:00:00'],
    ['DateTime', '{ sendWindow(at: $value) { open } }', '2026-02-30T09:00:00Z'],
    ['DateTime', '{ sendWindow(at: $value) { open } }', '2026-01-06T24:00:00Z'],
    ['DateTime', '{ sendWindow(at: $value) { open } }', '9999-12-31T23:59:59Z'],
    ['DateTime', '{ sendWindow(at: $value) { open } }', 1_767_690_000],
    ['PhoneNumber!', '{ removeOptOut(phoneNumber: $value) }', 33_612_345_678],
    ['SafeInt!', '{ messageByNumber(number: $value) { id } }', '1'],
    ['SafeInt!', '{ messageByNumber(number: $value) { id } }', 1.5],
  ] as const)('%s given as a variable, %s with %s, is BAD_USER_INPUT', async ([type, call, value]) => {
    const operation = call.includes('removeOptOut') ? 'mutation' : 'query';
    expect((await errorOf(gql, `${operation} ($value: ${type}) ${call}`, { value })).extensions.code).toBe(
      'BAD_USER_INPUT',
    );
  });

  test.for([1, 1.5, '1e3', '0x10', '1,50', '1.00001', '12345678901', ' 1', ''])(
    'the Decimal %j is BAD_USER_INPUT: money is an exact decimal in a string',
    async amount => {
      const document = `mutation ($id: ID!, $amount: Decimal!) { creditTenant(id: $id, amount: $amount, reason: "x", idempotencyKey: "x") { id } }`;
      const error = await errorOf(app.admin, document, { id: tenant.id, amount });
      expect(error.extensions.code).toBe('BAD_USER_INPUT');
      const literal = document
        .replace('$id: ID!, $amount: Decimal!', '$id: ID!')
        .replace('$amount', JSON.stringify(amount));
      expect((await errorOf(app.admin, literal, { id: tenant.id })).extensions.code).toBe('BAD_USER_INPUT');
    },
  );

  test('characters that no database takes are refused, not answered as our fault', async () => {
    const nul = 'a\u0000b';
    const refusal = await send(gql, { idempotencyKey: nul, tag: nul, sender: nul, text: nul });
    expect(refusal.__typename).toBe('InvalidSms');
    const codes = await Promise.all([
      errorOf(gql, 'query ($tag: String) { messages(filter: { tag: $tag }) { nodes { id } } }', { tag: nul }),
      errorOf(gql, 'mutation ($name: String!) { issueApiKey(input: { name: $name, scopes: [READ] }) { secret } }', {
        name: nul,
      }),
      errorOf(app.admin, 'mutation ($name: String!) { createTenant(input: { name: $name }) { id } }', { name: nul }),
      errorOf(app.admin, 'mutation ($id: ID!, $r: String!) { suspendTenant(id: $id, reason: $r) { id } }', {
        id: tenant.id,
        r: nul,
      }),
    ]);
    expect(codes.map(error => error.extensions.code)).toEqual(Array.from({ length: 4 }, () => 'BAD_USER_INPUT'));
  });
});
