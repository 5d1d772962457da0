import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statusOf } from '../../../src/messaging/asking/accept-messages.js';
import type { PlannedSubmission } from '../../../src/messaging/asking/plan-message.js';

type State = PlannedSubmission['departure']['state'];

const STATES = ['QUEUED', 'HELD', 'SCHEDULED'] as const;

/** Goes in this state; one delivery for each, opted out where it says so. */
const submission = (state: State, optedOut: readonly boolean[]): PlannedSubmission => ({
  territory: 'METROPOLE',
  departure: { state, releaseAt: null, hold: null },
  deliveries: optedOut.map((out, index) => ({ phoneNumber: `+3361234567${index}`, cost: '0.0450', optedOut: out })),
});

const anySubmission = fc
  .tuple(fc.constantFrom(...STATES), fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }))
  .map(([state, optedOut]) => submission(state, optedOut));
const anyPlan = fc.array(anySubmission, { minLength: 1, maxLength: 6 });

const goes = ({ deliveries }: PlannedSubmission): boolean => deliveries.some(({ optedOut }) => !optedOut);

describe('the status of a message that was just accepted', () => {
  test.each([
    ['SCHEDULED', ['SCHEDULED']],
    ['HELD', ['SCHEDULED', 'HELD']],
    ['QUEUED', ['HELD', 'SCHEDULED', 'QUEUED']],
  ] as const)('is %s where its parts are %j: the first of the contract that is any part', (status, states) => {
    expect(statusOf({ submissions: states.map(state => submission(state, [false])) })).toBe(status);
  });

  test('is that of those who get it: a part whose recipients all opted out does not count', () => {
    const submissions = [submission('QUEUED', [true, true]), submission('HELD', [true, false])];
    expect(statusOf({ submissions })).toBe('HELD');
  });

  test('is FAILED where everybody opted out: nothing will reach the provider', () => {
    expect(statusOf({ submissions: [submission('QUEUED', [true]), submission('HELD', [true, true])] })).toBe('FAILED');
  });

  test('does not depend on the order of the parts, nor on parts that go nowhere', () => {
    fc.assert(
      fc.property(anyPlan, submissions => {
        const status = statusOf({ submissions });
        expect(statusOf({ submissions: submissions.toReversed() })).toBe(status);
        expect(statusOf({ submissions: submissions.filter(goes) })).toBe(status);
        const states = new Set(submissions.filter(goes).map(({ departure }) => departure.state));
        expect(status).toBe(STATES.find(state => states.has(state)) ?? 'FAILED');
      }),
    );
  });
});
