import {
  Body,
  Controller,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  ServiceUnavailableException,
} from '@nestjs/common';
import { DomainError, Metrics } from '../kernel/index.js';
import type { CallbackKind } from './callback-kind.js';
import { ReceiveCallback } from './receive-callback.js';

/** What the provider calls back. The path's secret is the authentication: it names one attempt and cannot be guessed. */
@Controller('callbacks')
export class CallbacksController {
  constructor(
    private readonly callbacks: ReceiveCallback,
    private readonly metrics: Metrics,
  ) {}

  @Post('receipts/:secret')
  @HttpCode(200)
  receipt(@Param('secret') secret: string, @Body() body: unknown): Promise<string> {
    return this.receive('receipt', secret, body);
  }

  @Post('replies/:secret')
  @HttpCode(200)
  reply(@Param('secret') secret: string, @Body() body: unknown): Promise<string> {
    return this.receive('reply', secret, body);
  }

  /** Who has no secret, and who has an old one, is told the same. */
  private async receive(kind: CallbackKind, secret: string, body: unknown): Promise<string> {
    const end = await this.callbacks.execute(kind, secret, textOf(body)).catch(sayingWhenToRepeat);
    this.metrics.callbacks.inc({ kind, end });
    if (end !== 'stored') throw new NotFoundException();
    return 'OK';
  }
}

/** Without the database nothing is taken: 503 has the provider say it again, and is no fault of ours to be looked into. */
function sayingWhenToRepeat(error: unknown): never {
  throw error instanceof DomainError && error.kind === 'unavailable' ? new ServiceUnavailableException() : error;
}

/** The HTTP adapter takes these bodies as text; an empty one is none. */
const textOf = (body: unknown): string => (typeof body === 'string' ? body : '');
