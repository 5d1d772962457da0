import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { refusal } from './answer.js';
import { BROKEN_REQUEST, SLOW_REQUEST } from '../texts.js';
import { readQuery } from './read-values.js';
import { formatOf, written } from './send-answer.js';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const STATUS_LINES: ReadonlyMap<unknown, string> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
]);

/**
 * Answers on a connection whose request never became one: malformed HTTP, a body cut short, one that does not end in time.
 * No route has seen it, so the answer is written by hand; then the connection is closed.
 */
export class BrokenRequests {
  private readonly open = new WeakMap<Socket, readonly Exchange[]>();

  /** Called as each request begins. */
  note(request: IncomingMessage, response: ServerResponse): void {
    this.open.set(request.socket, [...this.openOn(request.socket), { request, response }]);
  }

  answer(error: Error & { readonly code?: string }, socket: Socket): void {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const open = this.openOn(socket);
    const inHand = open.findLast(({ request }) => request.complete);
    // Requests that came whole before the broken one get their own answers; its refusal would be taken for one of those.
    if (inHand !== undefined) inHand.response.once('close', () => socket.destroySoon());
    else if (!socket.writable || open.some(({ response }) => response.headersSent)) socket.destroy(error);
    else refuse(error.code, socket, open.at(-1)?.request.url);
  }

  private openOn(socket: Socket): readonly Exchange[] {
    return this.open.get(socket)?.filter(({ response }) => !response.writableEnded) ?? [];
  }
}

/** `url`: of the broken request, where its head has come in whole. */
function refuse(code: string | undefined, socket: Socket, url = ''): void {
  const text = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? SLOW_REQUEST : BROKEN_REQUEST;
  const { type, bytes } = written(refusal(90, text).body, formatOf({}, readQuery(url)));
  const head = [
    `HTTP/1.1 ${STATUS_LINES.get(code) ?? '400 Bad Request'}`,
    `Content-Type: ${type}`,
    `Content-Length: ${bytes.length}`,
    'Connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.end(bytes);
  socket.destroySoon();
}
