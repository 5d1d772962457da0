import { expect, test } from 'vitest';
import { isAllowedOrigin } from '../../../src/kernel/http/origins.js';
import { readConfig } from '../../../src/kernel/config/read-config.js';
import { SEND_POLICIES } from '../../../src/scheduling/index.js';

const ALLOWED = ['https://app.example.com'];

test('an origin is allowed when it is listed to the letter; what sends none is no page', () => {
  expect(isAllowedOrigin('https://app.example.com', ALLOWED)).toBe(true);
  expect(isAllowedOrigin(undefined, ALLOWED)).toBe(true);
  for (const origin of ['null', '', 'https://app.example.com/', 'https://App.example.com', 'https://evil.example'])
    expect(isAllowedOrigin(origin, ALLOWED)).toBe(false);
});

const problems = (origins: string): readonly string[] => {
  const reading = readConfig({ CORS_ORIGINS: origins }, SEND_POLICIES);
  return reading.ok ? [] : reading.problems;
};

test.for([
  '*',
  'https://*.example.com',
  'app.example.com',
  'https://app.example.com/',
  'https://app.example.com/path',
  'null',
  'ftp://x',
  'https://a@b.example',
  'https://app.example.com:443',
])('CORS_ORIGINS takes exact origins and not %s', origin => {
  expect(problems(`https://good.example, ${origin}`)).toEqual([
    expect.stringMatching(/^CORS_ORIGINS must be exact origins/),
  ]);
});

test('CORS_ORIGINS takes several, with blanks between', () => {
  expect(problems('https://app.example.com, http://localhost:5173 ,https://[::1]:8443')).toEqual([]);
});
