import { Controller, Get, NotFoundException, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AppConfig } from '../config/app-config.js';
import { Operation, type OperationAnswer } from './operation.js';

/** On the public port; /metrics only as long as it has no port of its own. */
@Controller()
export class OperationController {
  constructor(
    private readonly operation: Operation,
    private readonly config: AppConfig,
  ) {}

  @Get('healthz')
  healthz(@Res() reply: FastifyReply): void {
    send(reply, this.operation.alive());
  }

  @Get('readyz')
  async readyz(@Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.operation.ready());
  }

  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    if (this.config.metricsPort !== null) throw new NotFoundException();
    send(reply, await this.operation.figures());
  }
}

function send(reply: FastifyReply, { status, type, body }: OperationAnswer): void {
  void reply.code(status).headers({ 'content-type': type, 'cache-control': 'no-store' }).send(body);
}
