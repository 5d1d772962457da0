import { StreamLost } from '../../kernel/index.js';
import type { Message } from '../message.js';

/** Changed messages that a watcher has not come to yet: two of the largest batches. One that is further behind is too slow. */
const MOST_PENDING = 20_000;

interface Watched {
  /** Null: all of the tenant's. */
  readonly messageId: string | null;
  /** Null: there is none any more. */
  read(id: string): Promise<Message | null>;
  ended(): void;
}

/**
 * The states of one message, or of a tenant's messages as they change. Changes that come while nobody asks merge by message,
 * so that a slow reader sees fewer steps and always the last. Ending it settles whoever waits, at once.
 */
export class MessageWatch implements AsyncIterableIterator<Message> {
  readonly messageId: string | null;
  private readonly pending = new Set<string>();
  private version: number | null = null;
  private waiting: PromiseWithResolvers<void> | null = null;
  private lost: StreamLost | null = null;
  private over = false;

  constructor(private readonly watched: Watched) {
    this.messageId = watched.messageId;
    if (watched.messageId !== null) this.pending.add(watched.messageId);
  }

  changed(messageId: string): void {
    this.pending.add(messageId);
    if (this.pending.size > MOST_PENDING) this.lose('too slow: subscribe again');
    this.wake();
  }

  /** What a look at the database found, in case the change itself was never told. Of a message watched by its id. */
  isAt(version: number): void {
    if (this.version !== null && this.version !== version && this.messageId !== null) this.changed(this.messageId);
  }

  lose(reason: string): void {
    this.lost ??= new StreamLost(reason);
    this.pending.clear();
    this.wake();
  }

  async next(): Promise<IteratorResult<Message, undefined>> {
    for (;;) {
      if (this.over) return { done: true, value: undefined };
      if (this.lost !== null) throw this.lost;
      const [id] = this.pending;
      if (id === undefined) {
        this.waiting = Promise.withResolvers();
        await this.waiting.promise;
        continue;
      }
      this.pending.delete(id);
      const message = await this.watched.read(id);
      if (message === null) {
        if (this.messageId !== null) return this.return();
      } else if (this.isNews(message)) return { done: false, value: message };
    }
  }

  async return(): Promise<IteratorResult<Message, undefined>> {
    this.over = true;
    this.watched.ended();
    this.wake();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** By its id a state is told once; without one, a message may be among thousands, and is told again rather than remembered. */
  private isNews({ version }: Message): boolean {
    if (this.messageId === null) return true;
    const isNew = version !== this.version;
    this.version = version;
    return isNew;
  }

  private wake(): void {
    this.waiting?.resolve();
    this.waiting = null;
  }
}
