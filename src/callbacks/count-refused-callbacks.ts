import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Metrics } from '../kernel/index.js';
import { kindOf } from './callback-kind.js';

type Fastify = ReturnType<ReturnType<NestFastifyApplication['getHttpAdapter']>['getInstance']>;

/** Counts the calls that never reach the controller, as they are answered: too large, no POST, no readable request. */
@Injectable()
export class CountRefusedCallbacks implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.host.httpAdapter.getInstance<Fastify>().addHook('onResponse', async (request, reply) => {
      const kind = kindOf(request.url);
      const end = refusalOf(request.method, request.is404, reply.statusCode);
      if (kind !== null && end !== null) this.metrics.callbacks.inc({ kind, end });
    });
  }
}

/** Null: the controller has answered, and counted. */
function refusalOf(method: string, isUnknownPath: boolean, status: number): string | null {
  if (method !== 'POST') return 'wrong-method';
  if (status === 413) return 'oversized';
  if (status === 503) return 'unavailable';
  if (status >= 500) return 'failed';
  if (isUnknownPath) return 'forged';
  return status === 200 || status === 404 ? null : 'malformed';
}
