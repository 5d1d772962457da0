import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { SocketConnection } from '../../src/kernel/graphql/sockets/socket-connection.js';

let server: WebSocketServer;
let client: WebSocket;
let served: WebSocket;
let connection: SocketConnection;

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a TCP server it is one
  const { port } = server.address() as AddressInfo;
  const opened = once(server, 'connection');
  client = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(client, 'open');
  [served] = await opened;
  connection = new SocketConnection(served, '127.0.0.1');
});
afterEach(async () => {
  client.terminate();
  server.close();
  await once(server, 'close');
});

test('a client that answers pings stays, however long it says nothing else', async () => {
  for (let ping = 0; ping < 10; ping += 1) {
    const answered = once(served, 'pong');
    connection.checkAlive();
    await answered;
  }
  expect(served.readyState).toBe(WebSocket.OPEN);
});

test('a client that does not read is waited for, and cut off after three pings: nothing is kept for it for ever', async () => {
  client.pause();
  const socket = connection.toGraphqlSocket();
  let sent = 0;
  const sending = (async () => {
    while (served.readyState === WebSocket.OPEN) {
      await socket.send('x'.repeat(1_000_000));
      sent += 1;
    }
  })();
  const closed = once(served, 'close');
  for (let ping = 0; ping < 4; ping += 1) connection.checkAlive();
  await closed;
  await sending;
  // What the operating system buffers on both sides, and one more.
  expect(sent).toBeLessThan(50);
});
