import type { WebSocket as GraphqlSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { CLOSE } from './close-codes.js';
import type { Admission } from './socket-door.js';

/** Of the pings that a client leaves unanswered, while it takes nothing else either. */
const MOST_SILENT_PINGS = 3;

/** One client's socket: what is sent over it, and whether it still reads. */
export class SocketConnection {
  /** Null until it has said who it is. */
  admission: Admission | null = null;
  private silentPings = 0;

  constructor(
    private readonly socket: WebSocket,
    /** Where it comes from. */
    readonly address: string,
  ) {
    socket.on('pong', () => {
      this.silentPings = 0;
    });
    // Broken frames, an oversized message, a reset: ws closes by itself, and that is all there is to do.
    socket.on('error', () => undefined);
  }

  /** What graphql-ws works on. */
  toGraphqlSocket(): GraphqlSocket {
    return {
      protocol: this.socket.protocol,
      send: data => this.send(data),
      close: (code, reason) => this.close(code ?? CLOSE.internalError, reason),
      onMessage: hear => {
        this.socket.on('message', (data: Buffer) => {
          hear(data.toString()).catch(() => this.close(CLOSE.internalError));
        });
      },
    };
  }

  close(code: number, reason = ''): void {
    this.socket.close(code, reason);
  }

  terminate(): void {
    this.socket.terminate();
  }

  /** Pings. A client that reads nothing is cut off, so that nothing is kept for it for ever. */
  checkAlive(): void {
    this.silentPings += 1;
    if (this.silentPings > MOST_SILENT_PINGS) this.terminate();
    else if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  /** Settles once the operating system has taken it, so that whoever sends waits for who reads. */
  private send(data: string): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    // What cannot be sent is lost with its socket, which closes.
    this.socket.send(data, () => resolve());
    return promise;
  }
}
