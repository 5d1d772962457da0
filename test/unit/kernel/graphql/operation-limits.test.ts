import { readFileSync } from 'node:fs';
import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { problemsOf } from '../../../../src/kernel/graphql/operation-limits.js';

const schema = buildSchema(readFileSync(new URL('../../../../schema.gql', import.meta.url), 'utf8'));
const DEFAULTS = { maxDepth: 15, maxAliases: 200, maxRootFields: 50, maxCost: 100_000 };

interface Asking {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly limits?: Partial<typeof DEFAULTS>;
}

const problems = (document: string, { limits, ...asked }: Asking = {}): readonly string[] =>
  problemsOf(schema, parse(document), { ...asked, limits: { ...DEFAULTS, ...limits } }).map(({ message }) => message);

const times = (count: number, write: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => write(index)).join(' ');

const MESSAGE = `id number status category route sender text sentText encoding parts tag sandbox recipientCount cost currency
  counts { waiting sent delivered undelivered expired refused optedOut cancelled unconfirmed }
  holds { rule policy territory timeZone localTime holiday recipients releaseAt explanation }
  waiting { kind recipients since nextCheckAt explanation }
  timeline { at kind detail }
  deliveries(first: 20) { totalCount nodes { id phoneNumber status errorCode errorMessage cost updatedAt } pageInfo { hasNextPage endCursor } }`;

describe('what honest clients ask for passes', () => {
  test.for([
    ['a page of messages with all there is to know', `{ messages(first: 50) { nodes { ${MESSAGE} } } }`],
    ['the largest page of messages', '{ messages(first: 500) { nodes { id number status tag createdAt cost } } }'],
    [
      'all of a large message',
      `{ message(id: "x") { deliveries(first: 500) { nodes { id phoneNumber status cost } } } }`,
    ],
    [
      'a batch and its messages',
      `{ batch(id: "x") { messages(first: 100) { nodes { id status deliveries(first: 1) { nodes { status } } } } } }`,
    ],
    [
      'fifty texts in one request',
      `mutation { ${times(50, i => `m${i}: sendSms(input: { to: ["0612345678"], text: "x" }) { __typename ... on Message { id status } ... on InvalidSms { problems { path code message } } }`)} }`,
    ],
  ] as const)('%s', ([, document]) => {
    expect(validate(schema, parse(document))).toEqual([]);
    expect(problems(document)).toEqual([]);
  });

  const to = Array.from({ length: 10_000 }, (_, index) => `06${String(index).padStart(8, '0')}`);
  const SEND = `mutation ($input: SendSmsInput!) { sendSms(input: $input) { ... on Message { ${MESSAGE} } } }`;

  test('ten thousand recipients, as a variable or written out', () => {
    expect(problems(SEND, { variables: { input: { to, text: 'x' } } })).toEqual([]);
    expect(problems(`mutation { sendSms(input: { to: ${JSON.stringify(to)}, text: "x" }) { __typename } }`)).toEqual(
      [],
    );
  });

  test('ten thousand texts', () => {
    const messages = to.map(number => ({ to: number, text: 'x' }));
    const document = 'mutation ($input: SendBatchInput!) { sendBatch(input: $input) { __typename } }';
    expect(problems(document, { variables: { input: { messages } } })).toEqual([]);
  });

  test("GraphiQL's question about the schema, under the smallest limits there are", () => {
    const document = getIntrospectionQuery({
      specifiedByUrl: true,
      inputValueDeprecation: true,
      schemaDescription: true,
    });
    expect(problems(document, { limits: { maxDepth: 3, maxAliases: 0, maxRootFields: 1, maxCost: 100 } })).toEqual([]);
  });
});

describe('what is too large is refused with the limit and how to mend it', () => {
  test('depth', () => {
    expect(problems('{ messages { edges { node { counts { sent } } } } }', { limits: { maxDepth: 4 } })).toEqual([
      'This operation is too large: depth 5 exceeds 4: ask for fewer fields inside one another, or look up the inner ones by id.',
    ]);
    expect(problems('{ messages { edges { node { counts { sent } } } } }', { limits: { maxDepth: 5 } })).toEqual([]);
  });

  test('depth that hides in fragments', () => {
    const document =
      '{ messages { ...A } } fragment A on MessageConnection { edges { ... on MessageEdge { node { ...B } } } } fragment B on Message { counts { sent } }';
    expect(problems(document, { limits: { maxDepth: 4 } })).toHaveLength(1);
    expect(problems(document, { limits: { maxDepth: 5 } })).toEqual([]);
  });

  test('aliases, counted wherever their fragment is used', () => {
    const document = '{ ...F ... { ...F } } fragment F on Query { a: viewer { b: scopes } }';
    expect(problems(document, { limits: { maxAliases: 3 } })).toEqual([
      'This operation is too large: 4 aliases exceed 3: split the operation into several.',
    ]);
    expect(problems(document, { limits: { maxAliases: 4 } })).toEqual([]);
  });

  test('fields at the top', () => {
    const document = `mutation { ${times(51, i => `m${i}: cancelMessage(id: "x") { __typename }`)} }`;
    expect(problems(document)).toEqual([
      'This operation is too large: 51 fields at the top exceed 50: split the operation into several requests.',
    ]);
  });

  test.for([
    ['written out', '{ messages(first: 500) { nodes { deliveries(first: 500) { nodes { id } } } } }', {}],
    [
      'as variables',
      'query ($n: Int) { messages(first: $n) { nodes { deliveries(first: $n) { nodes { id } } } } }',
      { n: 500 },
    ],
    [
      'as defaults of variables',
      'query ($n: Int = 500) { messages(first: $n) { nodes { deliveries(first: $n) { nodes { id } } } } }',
      {},
    ],
    [
      'in a fragment',
      'query { messages(first: 500) { nodes { ...F } } } fragment F on Message { deliveries(first: 500) { nodes { id } } }',
      {},
    ],
  ] as const)('cost by pages of pages, %s', ([, document, variables]) => {
    expect(problems(document, { variables })).toEqual([
      'This operation is too large: cost 501,001 exceeds 100,000: ask for fewer with first, for fewer fields, or split the operation.',
    ]);
  });

  test('cost by pages that say nothing: they are the schema’s fifty', () => {
    const document = '{ messages { nodes { deliveries { nodes { id } } } } }';
    expect(problems(document, { limits: { maxCost: 5_101 } })).toEqual([]);
    expect(problems(document, { limits: { maxCost: 5_100 } })).toHaveLength(1);
  });

  test('cost by lists of input', () => {
    const to = Array.from({ length: 10_000 }, () => '0612345678');
    const send = times(3, i => `m${i}: sendSms(input: $input) { __typename }`);
    const document = `mutation ($input: SendSmsInput!) { ${send} }`;
    expect(problems(document, { variables: { input: { to, text: 'x' } } })).toEqual([
      expect.stringContaining('cost 120,003 exceeds 100,000'),
    ]);
  });

  test('cost that an error of one argument would hide', () => {
    const document = `query ($t: Territory = METROPOLE) { sendWindow(territory: $t) { open }
      messages(first: 500) { nodes { deliveries(first: 500) { nodes { id } } } } }`;
    expect(problems(document, { variables: { t: null } })).toEqual([expect.stringContaining('must not be null')]);
  });

  test('everything that is too much is told at once', () => {
    const document = '{ a: messages { nodes { counts { sent } } } b: viewer { scopes } }';
    const limits = { maxDepth: 3, maxAliases: 1, maxRootFields: 1, maxCost: 10 };
    expect(problems(document, { limits })).toHaveLength(4);
  });

  test('as BAD_USER_INPUT and HTTP 400', () => {
    const [problem] = problemsOf(schema, parse('{ a: viewer { scopes } }'), { limits: { ...DEFAULTS, maxAliases: 0 } });
    expect(problem?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      reason: 'OPERATION_TOO_LARGE',
      http: { status: 400 },
    });
  });
});

describe('hostile documents', () => {
  test('fragments that double at each step are counted without being walked', () => {
    const bomb = `{ messages { nodes { ...F0 } } } ${times(100, i => `fragment F${i} on Message { ...F${i + 1} ...F${i + 1} }`)} fragment F100 on Message { a: id }`;
    expect(problems(bomb)).toEqual([
      expect.stringContaining('beyond counting aliases exceed 200'),
      expect.stringContaining('cost cannot be counted'),
    ]);
  });

  test('fragments in a circle end', () => {
    const circle = '{ viewer { ...A } } fragment A on Viewer { scopes ...B } fragment B on Viewer { ...A }';
    expect(problems(circle)).toEqual([]);
  });

  test.for([
    ['fields', `{ __type(name: "x") { ${'ofType { '.repeat(3_000)} name ${'}'.repeat(3_000)} } }`],
    ['inline fragments', `{ ${'... { '.repeat(3_000)} __typename ${'}'.repeat(3_000)} }`],
    [
      'fragments',
      `{ ...F0 } ${times(3_000, i => `fragment F${i} on Query { ...F${i + 1} }`)} fragment F3000 on Query { __typename }`,
    ],
  ] as const)(
    'three thousand %s inside one another are refused in words, not by a stack that overflows',
    ([, document]) => {
      expect(problems(document)).toEqual([
        'This operation is too large: its selections are more than 200 inside one another: flatten it.',
      ]);
    },
  );

  test('introspection over introspection', () => {
    const nested =
      '{ __schema { types { fields { args { type { fields { args { type { fields { name args { name type { name kind } } } } } } } } } } } }';
    expect(problems(nested)).toEqual([expect.stringContaining('introspection that costs')]);
    expect(
      problems(`{ ${times(50, i => `a${i}: __schema { types { fields { name args { name type { name } } } } }`)} }`),
    ).toEqual([expect.stringContaining('introspection that costs')]);
  });

  test('of several operations, the one that runs is judged', () => {
    const document =
      'query Small { viewer { scopes } } query Large { messages(first: 500) { nodes { deliveries(first: 500) { nodes { id } } } } }';
    expect(problems(document, { operationName: 'Small' })).toEqual([]);
    expect(problems(document, { operationName: 'Large' })).toHaveLength(1);
    expect(problems(document)).toEqual([]);
  });

  test('what cannot run, because of its variables, is left to execution', () => {
    expect(problems('query ($id: ID!) { message(id: $id) { id } }')).toEqual([]);
  });
});

test('a document that is asked again is counted by what it asks for this time', () => {
  const document = parse(`query ($first: Int, $all: Boolean!) {
    messages(first: $first) { nodes { id tag @include(if: $all) status @include(if: $all) } } }`);
  const asked = (first: number | string, all: boolean): readonly string[] =>
    problemsOf(schema, document, { variables: { first, all }, limits: { ...DEFAULTS, maxCost: 500 } }).map(
      ({ message }) => message,
    );
  const TOO_LARGE = [expect.stringContaining('too large: cost')];
  for (const again of [1, 2]) {
    expect([again, asked(100, true)]).toEqual([again, []]);
    expect([again, asked(200, true)]).toEqual([again, TOO_LARGE]);
    expect([again, asked(200, false)]).toEqual([again, []]);
    // Not of its type: execution says so.
    expect([again, asked('200', true)]).toEqual([again, []]);
  }
});

test('a list given as input counts by its length each time a document is asked', () => {
  const document = parse('mutation ($input: SendSmsInput!) { sendSms(input: $input) { __typename } }');
  const asked = (count: number, letter: string): number =>
    problemsOf(schema, document, {
      variables: { input: { to: Array.from({ length: count }, () => letter), text: letter } },
      limits: { ...DEFAULTS, maxCost: 50 },
    }).length;
  expect([asked(2, 'a'), asked(20, 'a'), asked(2, 'b'), asked(20, 'b')]).toEqual([0, 1, 0, 1]);
});
