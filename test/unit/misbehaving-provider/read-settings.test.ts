import { expect, test } from 'vitest';
import { DEFAULT_RATES } from '../../../src/misbehaving-provider/faults.js';
import { readSettings } from '../../../src/misbehaving-provider/read-settings.js';

test('without flags and variables it has settings of its own', () => {
  expect(readSettings([], {})).toEqual({
    ok: true,
    settings: {
      port: 4010,
      host: '127.0.0.1',
      seed: 1,
      apiKey: null,
      rates: DEFAULT_RATES,
      slowMs: 3_000,
      receiptDelayMs: 500,
    },
  });
});

test('a flag goes before the variable of the same meaning', () => {
  const env = { PORT: '4011', SEED: '5', FAULTS: '*=0,5xx=0.5', API_KEY: 'key', RECEIPT_DELAY_MS: '10' };
  expect(readSettings(['--port', '0', '--slow-ms=20'], env)).toMatchObject({
    settings: { port: 0, seed: 5, slowMs: 20, receiptDelayMs: 10, apiKey: 'key', rates: { '5xx': 0.5, html: 0 } },
  });
});

test.each([
  ['an unknown flag', ['--sulk'], /--sulk/],
  ['a port that is none', ['--port', '70000'], /port must be a whole number from 0 to 65535/],
  ['a rate that is no number', ['--faults', '5xx=often'], /the rate of "5xx" must be a number from 0 to 1/],
  ['a rate that is missing', ['--faults', '5xx'], /the rate of "5xx"/],
  ['a fault that there is not', ['--faults', 'sulk=1'], /there is no fault "sulk"/],
])('%s is told', (_, args, problem) => {
  expect(readSettings(args, {})).toEqual({ ok: false, problem: expect.stringMatching(problem) });
});
