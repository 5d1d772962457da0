import { Injectable } from '@nestjs/common';
import type { LockedMessage } from './message.js';
import type { MessageStatus } from './message-status.js';
import { News } from './news.js';

/** What the statuses before and after do not tell. `held`: a part of it waits for its hour; `released`: one waits no more. */
export type MessageTurn = 'held' | 'released';

/** That a message was accepted, or that something of it changed, as it is being written down. */
export interface MessageNewsItem {
  /** As it was before; what is to be told of it is read at the end of the transaction. */
  readonly message: LockedMessage;
  readonly at: Date;
  readonly turns: ReadonlySet<MessageTurn>;
  /** Null: it is accepted just now. */
  readonly before: MessageStatus | null;
  readonly after: MessageStatus;
}

@Injectable()
export class MessageNews extends News<MessageNewsItem> {}
