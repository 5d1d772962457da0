import { Injectable } from '@nestjs/common';
import { type Caller, type ClientToken, ClientTokens, type ClientView, tenantOf } from '../accounts/index.js';
import { InvalidArgument, isUuid, NotFound, Transactions } from '../kernel/index.js';
import { TAG } from './asking/sms-options.js';
import { MessageStore } from './message.store.js';

/** Exactly one of `messageId` and `tag`. */
export interface ClientTokenRequest {
  readonly messageId: string | null;
  readonly tag: string | null;
  readonly ttlSeconds: number;
  readonly personalData: boolean;
}

/** A token for a browser, so that no key ever sits in a page. */
@Injectable()
export class IssueClientToken {
  constructor(
    private readonly transactions: Transactions,
    private readonly messages: MessageStore,
    private readonly tokens: ClientTokens,
  ) {}

  /** A tag may be one whose messages are still to come. Throws InvalidArgument and NotFound. */
  async execute(caller: Caller, request: ClientTokenRequest): Promise<ClientToken> {
    const view = viewOf(request);
    if ('messageId' in view) await this.insistOnMessage(caller, view.messageId);
    return this.tokens.issue(caller, view, request.ttlSeconds);
  }

  private async insistOnMessage(caller: Caller, messageId: string): Promise<void> {
    const tenantId = tenantOf(caller);
    const message = await this.transactions.run(tenantId, tx => this.messages.find(tx, tenantId, messageId));
    if (message === null) throw new NotFound('message');
  }
}

function viewOf({ messageId, tag, personalData }: ClientTokenRequest): ClientView {
  if (messageId !== null && tag === null) {
    if (!isUuid(messageId)) throw new NotFound('message');
    return { messageId, personalData };
  }
  if (messageId !== null || tag === null)
    throw new InvalidArgument('input', 'must name exactly one of messageId and tag');
  if (!TAG.test(tag))
    throw new InvalidArgument('tag', 'must have 1 to 20 characters without spaces or capital letters');
  return { tag, personalData };
}
