import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { asTenantId, Ids, Notices, type TenantId } from '../../kernel/index.js';
import { MessageNews } from '../message-news.js';

const CHANNEL = 'relais_message_changes';
/** Notices gather for a moment: thousands of changes a second become a few statements. */
const GATHER_MS = 25;
/** Of 37 characters each, in a notice of at most 7,999. */
const IDS_IN_NOTICE = 200;

export interface ChangeListener {
  changed(tenantId: TenantId, messageIds: readonly string[]): void;
  /** Changes may have been missed. */
  missed(): void;
}

/**
 * Tells of messages that changed, once the change is committed: listeners in this process at once, those in others by notice.
 * Which messages, not what of them: whoever wants to know reads the state.
 */
@Injectable()
export class MessageChanges implements BeforeApplicationShutdown {
  private readonly listeners: ChangeListener[] = [];
  private readonly untold = new Map<TenantId, Set<string>>();
  private readonly origin: string;
  private timer: NodeJS.Timeout | null = null;
  private hasListened = false;
  private stopping = false;

  constructor(
    private readonly notices: Notices,
    news: MessageNews,
    ids: Ids,
  ) {
    this.origin = ids.uuid();
    news.listen((tx, { message }) => {
      tx.afterCommit(() => this.tell(message.tenantId, [message.id]));
      return Promise.resolve();
    });
    notices.listen(CHANNEL, { heard: payload => this.heard(payload), listening: () => this.listening() });
  }

  on(listener: ChangeListener): void {
    this.listeners.push(listener);
  }

  /** What the last work of this process changes is told at once. */
  beforeApplicationShutdown(): void {
    this.stopping = true;
    this.send();
  }

  private tell(tenantId: TenantId, messageIds: readonly string[]): void {
    for (const listener of this.listeners) listener.changed(tenantId, messageIds);
    const untold = this.untold.get(tenantId) ?? new Set();
    for (const id of messageIds) untold.add(id);
    this.untold.set(tenantId, untold);
    if (this.stopping) this.send();
    else this.timer ??= setTimeout(() => this.send(), GATHER_MS);
  }

  private send(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const [tenantId, messageIds] of this.untold) {
      const ids = [...messageIds];
      for (let from = 0; from < ids.length; from += IDS_IN_NOTICE)
        this.notices.send(CHANNEL, [this.origin, tenantId, ...ids.slice(from, from + IDS_IN_NOTICE)].join(' '));
    }
    this.untold.clear();
  }

  private heard(payload: string): void {
    const [origin, tenantId = '', ...messageIds] = payload.split(' ');
    if (origin === this.origin) return;
    for (const listener of this.listeners) listener.changed(asTenantId(tenantId), messageIds);
  }

  private listening(): void {
    if (this.hasListened) for (const listener of this.listeners) listener.missed();
    this.hasListened = true;
  }
}
