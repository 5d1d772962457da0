import { expect, test } from 'vitest';
import { laneOf } from '../../../src/callbacks/outgoing/lane.js';

test("a webhook has a lane of its own, and single messages' addresses share sixteen by their host", () => {
  expect(laneOf('0198a1b2-0000-7000-8000-000000000001', 'https://a.example/')).toBe(
    '0198a1b2-0000-7000-8000-000000000001',
  );
  expect(laneOf(null, 'https://a.example/dlr?id=1')).toBe(laneOf(null, 'https://A.example/other?id=2'));
  const lanes = new Set(Array.from({ length: 500 }, (_, index) => laneOf(null, `https://h${index}.example/`)));
  expect(lanes.size).toBe(16);
  expect(laneOf(null, 'no URL')).toMatch(/^own\/\d+$/);
});
