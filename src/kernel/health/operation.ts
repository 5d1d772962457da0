import { Injectable } from '@nestjs/common';
import { Metrics } from '../metrics.js';
import { Readiness } from './readiness.js';

export interface OperationAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What probes and scrapers are told, on whichever port they ask. */
@Injectable()
export class Operation {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {}

  /** The process is alive: it answers. Asks nobody else, so that a database that is away restarts nobody. */
  alive(): OperationAnswer {
    return { status: 200, type: JSON_TYPE, body: JSON.stringify({ status: 'ok' }) };
  }

  async ready(): Promise<OperationAnswer> {
    const { ready, body } = await this.readiness.check();
    return { status: ready ? 200 : 503, type: JSON_TYPE, body: JSON.stringify(body) };
  }

  async figures(): Promise<OperationAnswer> {
    return { status: 200, type: PROMETHEUS_TYPE, body: await this.metrics.registry.metrics() };
  }
}
