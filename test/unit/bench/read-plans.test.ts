import { expect, test } from 'vitest';
import { inWords, readPlans } from '../../../bench/explain/read-plans.js';

const GROWING = new Set(['messages', 'deliveries']);

const entry = (statement: string, plan: object): string => {
  const json = JSON.stringify({ 'Query Text': statement, Plan: plan }, null, 2).replaceAll('\n', '\n\t');
  return `@@LOG:  duration: 0.100 ms  plan:\n\t${json}\n`;
};

test('a sequential scan of a growing table is found wherever it stands in a plan', () => {
  const inner = { 'Node Type': 'Parallel Seq Scan', 'Relation Name': 'deliveries', 'Actual Loops': 1 };
  const log = `\n${entry('select  1\n from deliveries', { 'Node Type': 'Limit', Plans: [inner] })}@@LOG:  checkpoint\n`;
  expect(readPlans(log, GROWING)).toEqual({
    statements: ['select 1 from deliveries'],
    faults: [
      {
        kind: 'sequential scan',
        table: 'deliveries',
        rows: 0,
        index: null,
        filter: null,
        statement: 'select 1 from deliveries',
      },
    ],
  });
});

test('an index that is walked for nothing is found, over all its loops', () => {
  const scan = {
    'Node Type': 'Index Scan',
    'Relation Name': 'messages',
    'Index Name': 'messages_pk',
    Filter: "(tag = 'x')",
  };
  const walked = { ...scan, 'Actual Loops': 3, 'Rows Removed by Filter': 2_000 };
  const { faults } = readPlans(`\n${entry('select a', walked)}${entry('select a', walked)}`, GROWING);
  expect(faults.map(inWords)).toEqual([
    "rows read for nothing: messages by messages_pk, 6000 rows thrown away, filter (tag = 'x'), in select a…",
  ]);
});

test('small tables may be read whole, and a plan cut off at the end of the log is left out', () => {
  const small = entry('select p', { 'Node Type': 'Seq Scan', 'Relation Name': 'prices' });
  const cut = entry('select d', { 'Node Type': 'Seq Scan', 'Relation Name': 'deliveries' }).slice(0, -20);
  expect(readPlans(`\n${small}${cut}`, GROWING)).toEqual({ statements: [], faults: [] });
});
