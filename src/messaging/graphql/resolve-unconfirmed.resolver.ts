import { Args, ArgsType, Field, ID, Mutation, Resolver } from '@nestjs/graphql';
import type { Caller } from '../../accounts/index.js';
import { CurrentCaller, Scopes } from '../../accounts/graphql/index.js';
import { isUuid, NotFound } from '../../kernel/index.js';
import { PlainText, VALIDATED } from '../../kernel/graphql/index.js';
import { ResolveUnconfirmed } from '../leaving/resolve-unconfirmed.js';
import { ReadMessages } from '../read-messages.js';
import { MessageType, toMessage } from './message.type.js';

@ArgsType()
class ResolveUnconfirmedArgs {
  @Field(() => ID)
  messageId: string;

  @Field(() => Boolean)
  resend: boolean;

  @PlainText(1, 500)
  @Field(() => String)
  reason: string;
}

@Resolver()
export class ResolveUnconfirmedResolver {
  constructor(
    private readonly resolve: ResolveUnconfirmed,
    private readonly read: ReadMessages,
  ) {}

  @Scopes('ADMIN')
  @Mutation(() => MessageType, {
    description: 'Closes a doubt by hand: true sends again, false gives up and pays back. Audited. ADMIN.',
  })
  async resolveUnconfirmed(
    @CurrentCaller() caller: Caller,
    @Args(VALIDATED) { messageId, resend, reason }: ResolveUnconfirmedArgs,
  ): Promise<MessageType> {
    if (!isUuid(messageId)) throw new NotFound('message in doubt');
    const resolution = { messageId, resend, reason: reason.trim(), actorKeyId: caller.keyId };
    const tenantId = await this.resolve.execute(resolution);
    const message = await this.read.byId(caller, tenantId, messageId);
    if (message === null) throw new NotFound('message in doubt');
    return toMessage(message);
  }
}
