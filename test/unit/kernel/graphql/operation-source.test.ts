import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { problemOfSource } from '../../../../src/kernel/graphql/operation-source.js';

const nested = (depth: number): string => `${'{ a '.repeat(depth)}${'} '.repeat(depth)}`;

test('what honest clients write passes', () => {
  expect(problemOfSource('{ viewer { scopes } }')).toBeNull();
  expect(problemOfSource(getIntrospectionQuery())).toBeNull();
  const to = JSON.stringify(Array.from({ length: 10_000 }, (_, index) => `+336${10_000_000 + index}`));
  expect(problemOfSource(`mutation { sendSms(input: { to: ${to}, text: "x" }) { __typename } }`)).toBeNull();
});

test.for([
  ['{', nested(201)],
  ['[', `{ messages(first: ${'['.repeat(200)}${']'.repeat(200)}) { id } }`],
  ['brackets of all kinds', '{ a(b: [{ '.repeat(60)],
] as const)('%s inside one another more than two hundred times is refused', ([, source]) => {
  expect(problemOfSource(source)).toBe('it opens more than 200 brackets inside one another: flatten it');
});

test('two hundred are not, nor any number in a string, a block string or a comment', () => {
  expect(problemOfSource(nested(200))).toBeNull();
  const many = '{'.repeat(1_000);
  for (const source of [`{ a(b: "${many}\\"${many}") }`, `{ a(b: """${many}" \\""" ${many}""") }`, `{ a # ${many}\n}`])
    expect(problemOfSource(source)).toBeNull();
});

test('brackets do not hide behind what only looks like a string', () => {
  for (const source of [
    `{ a(b: "") ${nested(201)} }`,
    `{ a(b: "\\\\") ${nested(201)} }`,
    `{ a(b: """""") ${nested(201)} }`,
    `# "\n${nested(201)}`,
  ])
    expect(problemOfSource(source)).toContain('brackets');
});

const fragments = (count: number): string => `{ a } ${'fragment F on Query { a } '.repeat(count)}`;

test('hundreds of fragments, and a document that is a book, are refused', () => {
  expect(problemOfSource(fragments(500))).toBeNull();
  expect(problemOfSource(fragments(501))).toContain('more than 500 fragments');
  expect(problemOfSource(`{ a } #${'x'.repeat(1024 * 1024)}`)).toContain('send long values as variables');
});

test('takes no time that grows faster than the document', () => {
  for (const piece of ['"', '"""', '\\"""', '"\\', '"\n', '#"', '""" \\"""', '{', 'fragment ', '" #\n']) {
    const source = piece.repeat(Math.floor(1_000_000 / piece.length));
    const began = performance.now();
    problemOfSource(source);
    expect([piece, performance.now() - began < 2_000]).toEqual([piece, true]);
  }
});
