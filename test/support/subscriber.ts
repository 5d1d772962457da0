import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { GraphqlError } from './graphql-client.js';
import { MESSAGE, type MessageView } from './messages.js';

export const WATCH_ONE = `subscription ($id: ID!) { messageChanged(id: $id) { __typename ...MessageView } } ${MESSAGE}`;
export const WATCH_ALL = `subscription { messageChanged { __typename ...MessageView } } ${MESSAGE}`;

export const socketUrl = (url: string): string => `${url.replace(/^http/, 'ws')}/graphql`;

interface Answer {
  readonly data?: { readonly messageChanged: MessageView } | null;
  readonly errors?: readonly GraphqlError[];
}

/** A front end that watches, over graphql-transport-ws as its clients speak it. */
export class Subscriber {
  readonly seen: MessageView[] = [];
  readonly errors: GraphqlError[] = [];
  /** How its sockets were closed. */
  readonly closed: { readonly code: number; readonly reason: string }[] = [];
  connections = 0;
  /** It will not hear anything any more. */
  over = false;
  private readonly client: Client;
  private readonly waiting = new Set<() => void>();

  constructor(
    url: string,
    key: string | null,
    { retries = 0, name = 'authorization' }: { readonly retries?: number; readonly name?: string } = {},
  ) {
    this.client = createClient({
      url: socketUrl(url),
      webSocketImpl: WebSocket,
      connectionParams: key === null ? {} : { [name]: `Bearer ${key}` },
      retryAttempts: retries,
      retryWait: () => Promise.resolve(),
      on: {
        connected: () => void (this.connections += 1),
        closed: event => {
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- graphql-ws passes ws's CloseEvent on as unknown
          const { code, reason } = event as { code: number; reason: string };
          this.closed.push({ code, reason });
          this.tell();
        },
      },
    });
  }

  watchOne(id: string): this {
    return this.ask(WATCH_ONE, { id });
  }

  watchAll(): this {
    return this.ask(WATCH_ALL);
  }

  ask(query: string, variables: Record<string, unknown> = {}): this {
    this.client.subscribe<Answer['data']>(
      { query, variables },
      {
        next: ({ data, errors }) => {
          if (data != null) this.seen.push(data.messageChanged);
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the contract has errors
          this.errors.push(...((errors ?? []) as unknown as GraphqlError[]));
          this.tell();
        },
        error: error => {
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- errors of the operation, or how the socket closed
          if (Array.isArray(error)) this.errors.push(...(error as GraphqlError[]));
          this.end();
        },
        complete: () => this.end(),
      },
    );
    return this;
  }

  /** Settles once it is so: looks again at whatever comes. */
  async until(so: () => boolean): Promise<void> {
    while (!so()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.waiting.add(resolve);
      await promise;
    }
  }

  async untilStatus(status: string): Promise<MessageView> {
    await this.until(() => this.seen.some(message => message.status === status));
    const found = this.seen.findLast(message => message.status === status);
    if (found === undefined) throw new Error('not seen');
    return found;
  }

  get statuses(): readonly string[] {
    return this.seen.map(({ status }) => status);
  }

  async leave(): Promise<void> {
    await this.client.dispose();
  }

  private end(): void {
    this.over = true;
    this.tell();
  }

  private tell(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
