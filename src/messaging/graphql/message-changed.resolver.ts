import { Args, ID, Resolver, Subscription } from '@nestjs/graphql';
import { type Caller, maySee, tenantOf } from '../../accounts/index.js';
import { CurrentCaller, ForBrowsersToo, Scopes } from '../../accounts/graphql/index.js';
import { isUuid, NotFound } from '../../kernel/index.js';
import { LiveMessages } from '../live/live-messages.js';
import type { Message } from '../message.js';
import { MessageType, toMessage } from './message.type.js';

@Resolver()
export class MessageChangedResolver {
  constructor(private readonly live: LiveMessages) {}

  @Scopes('READ')
  @ForBrowsersToo()
  @Subscription(() => MessageType, {
    resolve: toMessage,
    description:
      "With an id: the present state, then the latest state after each change (steps may merge; the last always arrives). Without: changes of the tenant's messages from now on.",
  })
  async messageChanged(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID, nullable: true }) id?: string | null,
  ): Promise<AsyncIterator<Message>> {
    const tenantId = tenantOf(caller);
    const mayShow = (message: Message): boolean => maySee(caller, message);
    if (id == null) return this.live.watchAll(tenantId, mayShow);
    if (!isUuid(id)) throw new NotFound('message');
    return this.live.watchOne(tenantId, id, mayShow);
  }
}
