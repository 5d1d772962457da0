import type { ExecutionResult } from 'graphql';
import { StreamLost } from '../../stream-lost.js';
import { CLOSE } from './close-codes.js';
import type { SocketConnection } from './socket-connection.js';

/**
 * A subscription's answers, one for each event. An object and no `async function*`: that one, waiting for an event, could not
 * be ended from outside, and a client that leaves would be kept for ever.
 */
export class EventResults implements AsyncGenerator<ExecutionResult, void, void> {
  constructor(
    private readonly events: AsyncIterator<unknown>,
    private readonly answer: (event: unknown) => Promise<ExecutionResult>,
    private readonly connection: SocketConnection,
  ) {}

  async next(): Promise<IteratorResult<ExecutionResult, void>> {
    try {
      const event = await this.events.next();
      return event.done === true
        ? { done: true, value: undefined }
        : { done: false, value: await this.answer(event.value) };
    } catch (error) {
      if (!(error instanceof StreamLost)) throw error;
      this.connection.close(CLOSE.restart, error.message);
      return this.return();
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult, void>> {
    await this.events.return?.();
    return { done: true, value: undefined };
  }

  async throw(): Promise<IteratorResult<ExecutionResult, void>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
