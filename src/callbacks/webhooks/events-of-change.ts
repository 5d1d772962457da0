import type { MessageNewsItem, MessageStatus } from '../../messaging/index.js';
import type { MessageEventType } from './event-types.js';

/** The provider has what was to leave. */
const SENT: readonly MessageStatus[] = ['SENT', 'COMPLETED'];
const ENDED: readonly MessageStatus[] = ['COMPLETED', 'CANCELLED', 'FAILED'];

/**
 * What a webhook is told of a change of a message, in the order of its life. A status that is passed over within one change,
 * SENT on the way to COMPLETED, is told all the same; one that stays is not told again.
 */
export function eventsOfChange({
  before,
  after,
  turns,
}: Pick<MessageNewsItem, 'before' | 'after' | 'turns'>): MessageEventType[] {
  const reached = (statuses: readonly MessageStatus[]): boolean =>
    statuses.includes(after) && !(before !== null && statuses.includes(before));
  const happened: readonly (readonly [MessageEventType, boolean])[] = [
    ['message.accepted', before === null],
    ['message.held', turns.has('held')],
    ['message.released', turns.has('released')],
    ['message.unconfirmed', reached(['UNCONFIRMED'])],
    ['message.sent', reached(SENT)],
    ['message.completed', reached(ENDED)],
  ];
  return happened.flatMap(([type, so]) => (so ? [type] : []));
}
