import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { TLSSocket } from 'node:tls';

/** A throw-away key pair for "hooks.example.test", signed by itself, valid from 2024 to 2124. It protects nothing. */
export const HOOKS_TLS = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxzwObF498Jpzzkep
lzPDLB3n0uFIe/uMxP52NvBuvH6hRANCAATmoO/GZP+tI2ZlNkVV3yv9jxVg+NdI
IT9OqPlSkeSDeKgDJ7Nl1+TwNzWB11DFikV+dwwG5wIe3biBSa0EjmxI
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBezCCASKgAwIBAgIBATAKBggqhkjOPQQDAjAdMRswGQYDVQQDDBJob29rcy5l
eGFtcGxlLnRlc3QwIBcNMjQwMTAxMDAwMDAwWhgPMjEyNDAxMDEwMDAwMDBaMB0x
GzAZBgNVBAMMEmhvb2tzLmV4YW1wbGUudGVzdDBZMBMGByqGSM49AgEGCCqGSM49
AwEHA0IABOag78Zk/60jZmU2RVXfK/2PFWD410ghP06o+VKR5IN4qAMns2XX5PA3
NYHXUMWKRX53DAbnAh7duIFJrQSObEijUTBPMB0GA1UdEQQWMBSCEmhvb2tzLmV4
YW1wbGUudGVzdDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBS/9VOdPuyXFpDD
xNoSKuF3YtJmejAKBggqhkjOPQQDAgNHADBEAiBYsk6SflTdHAvDtfdW2JBa3eYp
MSfxoq8dvzNjtpbiLwIgBBWxiasz/6f3wNyuLAyJ9rvMIhJpLITX+F4XQrOlfCw=
-----END CERTIFICATE-----
`,
} as const;

export interface Received {
  readonly method: string;
  /** With its query string, as it came. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The name asked for in the TLS handshake. */
  readonly servername: string | null;
}

/** What the receiver does with a request once it has been read and recorded. */
export type Answer = (response: ServerResponse, request: Received) => void;

export const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  response => {
    response.writeHead(status, headers).end();
  };

/** A tenant's own server: records what is posted to it and answers as told. */
export class Receiver {
  readonly received: Received[] = [];
  connections = 0;
  port = 0;
  answering: Answer = answer(200);
  private waiting: (() => void)[] = [];

  private constructor(
    private readonly server: Server,
    private readonly scheme: 'http' | 'https',
    private readonly host: string,
  ) {}

  /** `port` where another one was closed before. */
  static start(host = '127.0.0.1', port = 0): Promise<Receiver> {
    return Receiver.open(listener => createServer(listener), 'http', { host, port });
  }

  static startTls(keys: { readonly key: string; readonly cert: string } = HOOKS_TLS): Promise<Receiver> {
    return Receiver.open(listener => createTlsServer(keys, listener), 'https', { host: '127.0.0.1', port: 0 });
  }

  private static async open(
    build: (listener: RequestListener) => Server,
    scheme: 'http' | 'https',
    { host, port }: { readonly host: string; readonly port: number },
  ): Promise<Receiver> {
    const listener: RequestListener = (request, response) => void receiver.receive(request, response);
    const receiver = new Receiver(build(listener), scheme, host);
    receiver.server.on('connection', () => (receiver.connections += 1));
    const { promise, resolve } = Promise.withResolvers<void>();
    receiver.server.listen(port, host, resolve);
    await promise;
    const address = receiver.server.address();
    receiver.port = typeof address === 'object' && address !== null ? address.port : 0;
    return receiver;
  }

  /** Under its address, or under a name that the test's resolver knows. */
  url(path = '/', host = this.host): string {
    return `${this.scheme}://${host}:${this.port}${path}`;
  }

  get bodies(): unknown[] {
    return this.received.map(({ body }) => JSON.parse(body));
  }

  /** Once it has received this many requests in all. */
  async has(count: number): Promise<void> {
    while (this.received.length < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.waiting.push(resolve);
      await promise;
    }
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    this.server.closeAllConnections();
    await promise;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const servername = request.socket instanceof TLSSocket ? request.socket.servername : false;
    const received: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      servername: typeof servername === 'string' ? servername : null,
    };
    this.received.push(received);
    for (const resolve of this.waiting.splice(0)) resolve();
    this.answering(response, received);
  }
}
