import { Body, Controller, HttpCode, NotFoundException, Param, Post } from '@nestjs/common';
import { Metrics } from '../kernel/index.js';
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
    const end = await this.callbacks.execute(kind, secret, textOf(body));
    this.metrics.callbacks.inc({ kind, end });
    if (end !== 'stored') throw new NotFoundException();
    return 'OK';
  }
}

/** The HTTP adapter takes these bodies as text; an empty one is none. */
const textOf = (body: unknown): string => (typeof body === 'string' ? body : '');
