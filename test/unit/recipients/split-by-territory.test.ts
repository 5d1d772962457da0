import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Recipient, readRecipients } from '../../../src/messaging/recipients/read-recipients.js';
import { RECIPIENTS_PER_SUBMISSION, splitByTerritory } from '../../../src/messaging/recipients/split-by-territory.js';
import { TERRITORIES } from '../../../src/scheduling/index.js';
import { numbered } from './phone-numbers.js';

/** Recipients of one number each, in runs of one territory, long enough to fill several parts. */
const recipientLists = fc
  .array(
    fc.record({ territory: fc.constantFrom(...TERRITORIES.slice(0, 4)), count: fc.integer({ min: 1, max: 700 }) }),
    { maxLength: 8 },
  )
  .map(runs =>
    runs
      .flatMap(({ territory, count }) => Array.from({ length: count }, () => territory))
      .map((territory, index): Recipient => ({ phoneNumber: numbered.metropole(index), territory })),
  );

test('1,200 recipients in three territories leave in four parts', () => {
  const to = Array.from({ length: 600 }, (_, i) => numbered.metropole(i)).flatMap((metropole, i) => [
    metropole,
    i < 500 ? numbered.reunion(i) : numbered.abroad(i),
  ]);
  const list = readRecipients(to, null);
  const parts = splitByTerritory(list.ok ? list.recipients : []);
  expect(parts.map(part => [part.territory, part.recipients.length])).toEqual([
    ['METROPOLE', 500],
    ['METROPOLE', 100],
    ['REUNION', 500],
    ['ABROAD', 100],
  ]);
  expect(parts[0]?.recipients[499]?.phoneNumber).toBe(numbered.metropole(499));
  expect(parts[1]?.recipients[0]?.phoneNumber).toBe(numbered.metropole(500));
  expect(parts[3]?.recipients[0]?.phoneNumber).toBe(numbered.abroad(500));
});

test.each([
  [0, []],
  [1, [1]],
  [499, [499]],
  [500, [500]],
  [501, [500, 1]],
  [1_000, [500, 500]],
])('%i recipients of one territory leave in parts of %j', (count, sizes) => {
  const recipients = Array.from({ length: count }, (_, i): Recipient => ({
    phoneNumber: numbered.metropole(i),
    territory: 'METROPOLE',
  }));
  expect(splitByTerritory(recipients).map(part => part.recipients.length)).toEqual(sizes);
});

test('nothing is lost, doubled, moved or reordered', () => {
  fc.assert(
    fc.property(recipientLists, recipients => {
      const parts = splitByTerritory(recipients);
      const order = [...new Set(recipients.map(recipient => recipient.territory))];
      expect(parts.flatMap(part => part.recipients)).toEqual(
        order.flatMap(territory => recipients.filter(recipient => recipient.territory === territory)),
      );
    }),
  );
});

test('a part is of one territory, never empty, never above 500, and full unless it is the last of its territory', () => {
  fc.assert(
    fc.property(recipientLists, recipients => {
      const parts = splitByTerritory(recipients);
      for (const [index, part] of parts.entries()) {
        const lastOfTerritory = parts[index + 1]?.territory !== part.territory;
        const smallest = lastOfTerritory ? 1 : RECIPIENTS_PER_SUBMISSION;
        expect(part.recipients.length).toBeGreaterThanOrEqual(smallest);
        expect(part.recipients.length).toBeLessThanOrEqual(500);
        expect(new Set(part.recipients.map(recipient => recipient.territory))).toEqual(new Set([part.territory]));
      }
      expect(parts.length).toBeGreaterThanOrEqual(Math.ceil(recipients.length / 500));
    }),
  );
});
