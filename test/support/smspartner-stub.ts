import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { Server as NetServer } from 'node:net';
import { SELF_SIGNED } from './self-signed.js';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the stub does with a request once it has been read and recorded. */
export type Reaction = (response: ServerResponse, request: IncomingMessage) => void;

export const ACCEPTED = {
  success: true,
  code: 200,
  message_id: 1223109,
  nb_sms: 1,
  cost: 0.045,
  currency: 'EUR',
} as const;

export function answerJson(status: number, body: unknown, headers: Record<string, string> = {}): Reaction {
  return answerText(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

export function answerText(status: number, body: string, headers: Record<string, string> = {}): Reaction {
  return response => {
    response.writeHead(status, { 'content-type': 'text/html; charset=UTF-8', ...headers }).end(body);
  };
}

/** The other side of the wire, on loopback: records what it is asked and reacts as told. */
export class SmsPartnerStub {
  readonly requests: RecordedRequest[] = [];
  connections = 0;
  port = 0;
  reaction: Reaction = answerJson(200, ACCEPTED);
  private readonly reactions = new Map<string, Reaction>();

  private constructor(
    private readonly server: Server,
    private readonly scheme: string,
  ) {}

  static async start(): Promise<SmsPartnerStub> {
    return SmsPartnerStub.open(listener => createServer(listener), 'http');
  }

  static async startTls(options: ServerOptions = {}): Promise<SmsPartnerStub> {
    return SmsPartnerStub.open(listener => createTlsServer({ ...SELF_SIGNED, ...options }, listener), 'https');
  }

  private static async open(build: (listener: RequestListener) => Server, scheme: string): Promise<SmsPartnerStub> {
    const received: RequestListener = (request, response) => void stub.receive(request, response);
    const stub = new SmsPartnerStub(build(received), scheme);
    stub.server.on('connection', () => (stub.connections += 1));
    stub.port = await listenOnLoopback(stub.server);
    return stub;
  }

  get baseUrl(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }

  /** Another reaction than `reaction` for a path without its query: "/v1/me". */
  on(path: string, reaction: Reaction): this {
    this.reactions.set(path, reaction);
    return this;
  }

  /** What the last request brought along: the fields of its query and of its body. */
  get lastFields(): Readonly<Record<string, unknown>> {
    const { path = '', body = {} } = this.requests.at(-1) ?? {};
    return { ...Object.fromEntries(new URL(path, this.baseUrl).searchParams), ...body };
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
    this.requests.push({
      method: request.method ?? '',
      path: request.url ?? '',
      contentType: request.headers['content-type'],
      body: JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}'),
    });
    const [path = ''] = (request.url ?? '').split('?');
    const reaction = this.reactions.get(path) ?? this.reaction;
    reaction(response, request);
  }
}

/** Says which port it became. */
export async function listenOnLoopback(server: NetServer): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
