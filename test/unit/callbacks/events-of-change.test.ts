import { describe, expect, test } from 'vitest';
import { eventsOfChange } from '../../../src/callbacks/webhooks/events-of-change.js';
import { MESSAGE_STATUSES, type MessageStatus, type MessageTurn } from '../../../src/messaging/index.js';

const events = (
  before: MessageStatus | null,
  after: MessageStatus,
  ...turns: MessageTurn[]
): ReturnType<typeof eventsOfChange> => eventsOfChange({ before, after, turns: new Set(turns) });

describe('an acceptance', () => {
  test.each(['QUEUED', 'SCHEDULED'] as const)('as %s is told as such', status => {
    expect(events(null, status)).toEqual(['message.accepted']);
  });

  test('that is held tells both', () => {
    expect(events(null, 'HELD', 'held')).toEqual(['message.accepted', 'message.held']);
    // One part leaves at once, another one waits.
    expect(events(null, 'QUEUED', 'held')).toEqual(['message.accepted', 'message.held']);
  });

  test('of a text that reaches nobody is its end too', () => {
    expect(events(null, 'FAILED')).toEqual(['message.accepted', 'message.completed']);
  });
});

describe('a change', () => {
  test.each([
    ['SENDING', 'SENT', ['message.sent']],
    ['QUEUED', 'SENT', ['message.sent']],
    ['UNCONFIRMED', 'SENT', ['message.sent']],
    ['SENT', 'COMPLETED', ['message.completed']],
    ['SENDING', 'COMPLETED', ['message.sent', 'message.completed']],
    ['UNCONFIRMED', 'COMPLETED', ['message.sent', 'message.completed']],
    ['SENDING', 'UNCONFIRMED', ['message.unconfirmed']],
    ['UNCONFIRMED', 'QUEUED', []],
    ['QUEUED', 'SENDING', []],
    ['HELD', 'CANCELLED', ['message.completed']],
    ['SENT', 'CANCELLED', ['message.completed']],
    ['SENDING', 'FAILED', ['message.completed']],
    ['UNCONFIRMED', 'FAILED', ['message.completed']],
  ] as const)('from %s to %s tells %j', (before, after, told) => {
    expect(events(before, after)).toEqual(told);
  });

  test.each(MESSAGE_STATUSES)('that stays %s tells nothing', status => {
    expect(events(status, status)).toEqual([]);
  });

  test('after the end, as by a late receipt, tells nothing of the message any more', () => {
    for (const before of ['COMPLETED', 'CANCELLED', 'FAILED'] as const) {
      expect(events(before, before)).toEqual([]);
      // A late receipt proves that something of it went after all: that is new.
      if (before !== 'COMPLETED') expect(events(before, 'COMPLETED')).toEqual(['message.sent']);
    }
  });

  test('tells of holds and releases whatever the status, in the order of a life', () => {
    expect(events('QUEUED', 'QUEUED', 'held')).toEqual(['message.held']);
    expect(events('HELD', 'HELD', 'released')).toEqual(['message.released']);
    expect(events('HELD', 'QUEUED', 'released')).toEqual(['message.released']);
    expect(events('SENDING', 'UNCONFIRMED', 'released', 'held')).toEqual([
      'message.held',
      'message.released',
      'message.unconfirmed',
    ]);
  });
});
