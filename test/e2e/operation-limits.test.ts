import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appAt, type TestApp, type TestTenant } from '../support/test-app.js';

let app: TestApp;
let tenant: TestTenant;
beforeAll(async () => {
  app = await appAt('2026-01-06T09:00:00Z', { env: { GRAPHQL_MAX_ALIASES: '2' } });
  tenant = await app.tenant();
});
afterAll(() => app.close());

test('an operation that is too large is answered 400, with every problem and how to mend it, and none of it runs', async () => {
  const sends = [1, 2, 3].map(i => `m${i}: sendSms(input: { to: ["+33612345678"], text: "x" }) { __typename }`);
  const { status, data, errors } = await tenant.gql.ask(`mutation { ${sends.join(' ')} }`);
  expect({ status, data, errors }).toEqual({
    status: 400,
    data: null,
    errors: [
      {
        message: 'This operation is too large: 3 aliases exceed 2: split the operation into several.',
        locations: [{ line: 1, column: 1 }],
        extensions: { code: 'BAD_USER_INPUT', reason: 'OPERATION_TOO_LARGE', requestId: expect.any(String) },
      },
    ],
  });
  expect(await app.sql('select id from messages')).toEqual([]);
});

test('the limits hold for a document that has been seen before, with other variables', async () => {
  const document = 'query ($n: Int) { messages(first: $n) { nodes { deliveries(first: $n) { nodes { id } } } } }';
  expect((await tenant.gql.ask(document, { n: 10 })).status).toBe(200);
  expect((await tenant.gql.ask(document, { n: 500 })).status).toBe(400);
  expect((await tenant.gql.ask(document, { n: 10 })).status).toBe(200);
});

test('variables of wrong types are told by their own names, not as a size', async () => {
  const { errors } = await tenant.gql.ask('query ($n: Int) { messages(first: $n) { nodes { id } } }', { n: 'many' });
  expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('"$n" got invalid value') })]);
});

test.for([
  ['brackets that end no more', `${'{a'.repeat(12_000)}${'}'.repeat(12_000)}`, 'brackets inside one another'],
  [
    'fragments that hang from one another',
    `{ ...F0 } ${Array.from({ length: 5_000 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} }`).join(' ')} fragment F5000 on Query { __typename }`,
    'more than 500 fragments',
  ],
  ['fields repeated by the thousand', `{ viewer { apiKey { ${'id '.repeat(40_000)} } } }`, 'ask for each field once'],
  ['tokens by the ten thousand', `{ viewer { apiKey { ${'id '.repeat(60_000)} } } }`, '50000 tokens'],
] as const)('%s are refused in words, and are no fault of ours', async ([, document, words]) => {
  const { errors } = await tenant.gql.ask(document);
  expect(errors).toEqual([
    expect.objectContaining({
      message: expect.stringContaining(words),
      extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', requestId: expect.any(String) }),
    }),
  ]);
});

test("GraphiQL's question about the schema passes", async () => {
  const { status, errors } = await tenant.gql.ask(getIntrospectionQuery());
  expect({ status, errors }).toEqual({ status: 200, errors: [] });
});
