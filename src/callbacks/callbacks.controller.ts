import { Body, Controller, HttpCode, NotFoundException, Param, Post } from '@nestjs/common';
import { ReceiveReceipt } from './receive-receipt.js';
import { ReceiveReply } from './receive-reply.js';

/** What the provider calls back. The path's secret is the authentication: it names one attempt and cannot be guessed. */
@Controller('callbacks')
export class CallbacksController {
  constructor(
    private readonly receipts: ReceiveReceipt,
    private readonly replies: ReceiveReply,
  ) {}

  @Post('receipts/:secret')
  @HttpCode(200)
  async receipt(@Param('secret') secret: string, @Body() body: unknown): Promise<string> {
    return answered(await this.receipts.execute(secret, textOf(body)));
  }

  @Post('replies/:secret')
  @HttpCode(200)
  async reply(@Param('secret') secret: string, @Body() body: unknown): Promise<string> {
    return answered(await this.replies.execute(secret, textOf(body)));
  }
}

/** The HTTP adapter takes these bodies as text; an empty one is none. */
const textOf = (body: unknown): string => (typeof body === 'string' ? body : '');

function answered(known: boolean): string {
  if (!known) throw new NotFoundException();
  return 'OK';
}
