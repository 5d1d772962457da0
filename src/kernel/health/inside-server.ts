import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Operation, type OperationAnswer } from './operation.js';

const PATIENCE_MS = 10_000;
const NOWHERE: OperationAnswer = {
  status: 404,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify({ error: { code: 'NOT_FOUND', message: 'Here are /healthz, /readyz and /metrics.' } }),
};

/**
 * /healthz, /readyz and /metrics on a port of their own, where METRICS_PORT names one: the only one of a pure worker. It goes
 * last, so that a process that drains can be seen to.
 */
@Injectable()
export class InsideServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(InsideServer.name);
  private server: Server | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly operation: Operation,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.metricsPort === null) return;
    const server = createServer({ requestTimeout: PATIENCE_MS, headersTimeout: PATIENCE_MS }, (request, response) => {
      void this.answer(request.method, request.url ?? '', response);
    });
    server.listen(this.config.metricsPort, this.config.host);
    await once(server, 'listening').catch((cause: unknown) => {
      throw new Error('METRICS_PORT cannot be listened on: it is in use, or not for this user', { cause });
    });
    this.server = server;
  }

  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    this.server = null;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  private async answer(method: string | undefined, url: string, response: ServerResponse): Promise<void> {
    const { status, type, body } = await this.answerTo(method === 'GET' || method === 'HEAD' ? url : '');
    response.writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(body);
  }

  private async answerTo(url: string): Promise<OperationAnswer> {
    try {
      switch (url.replace(/\?.*$/s, '')) {
        case '/healthz':
          return this.operation.alive();
        case '/readyz':
          return await this.operation.ready();
        case '/metrics':
          return await this.operation.figures();
        default:
          return NOWHERE;
      }
    } catch (error) {
      this.log.error({ message: 'a probe failed', err: error });
      return { ...NOWHERE, status: 500, body: JSON.stringify({ error: { code: 'INTERNAL_SERVER_ERROR' } }) };
    }
  }
}
