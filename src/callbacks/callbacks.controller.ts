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
    return answered(
      await this.receipts.execute(secret, typeof body === 'string' ? body : JSON.stringify(body ?? null)),
    );
  }

  @Post('replies/:secret')
  @HttpCode(200)
  async reply(@Param('secret') secret: string, @Body() body: unknown): Promise<string> {
    return answered(await this.replies.execute(secret, typeof body === 'string' ? parse(body) : body));
  }
}

function answered(known: boolean): string {
  if (!known) throw new NotFoundException();
  return 'OK';
}

/** The provider's Content-Type is not relied on: what did not come as JSON may still be JSON. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
