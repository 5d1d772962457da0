import { Args, Field, ID, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { type Caller, tenantOf } from '../../accounts/index.js';
import { CurrentCaller, Scopes } from '../../accounts/graphql/index.js';
import {
  connectionTypes,
  DateTimeScalar,
  PageArgs,
  PhoneNumberScalar,
  readPage,
  toConnection,
  toPage,
} from '../../kernel/graphql/index.js';
import { Replies } from '../replies/replies.js';
import type { Reply } from '../replies/reply.store.js';

@ObjectType('Reply', { description: 'An answer from a handset, whole; number and text are null once erased.' })
export class ReplyType {
  @Field(() => ID)
  id: string;

  @Field(() => PhoneNumberScalar, { nullable: true })
  from: string | null;

  @Field(() => String, { nullable: true })
  text: string | null;

  @Field(() => ID, { nullable: true, description: 'The message that is answered.' })
  messageId: string | null;

  @Field(() => DateTimeScalar)
  receivedAt: Date;
}

@ObjectType('ReplyConnection')
export class ReplyConnection extends connectionTypes('Reply', ReplyType) {}

const toReply = ({ id, phoneNumber: from, text, messageId, receivedAt }: Reply): ReplyType =>
  Object.assign(new ReplyType(), { id, from, text, messageId, receivedAt });

@Resolver(() => ReplyType)
export class ReplyResolver {
  constructor(private readonly all: Replies) {}

  @Scopes('READ')
  @Query(() => ReplyConnection, { description: 'Answers to messages, STOPs included.' })
  async replies(@CurrentCaller() caller: Caller, @Args() args: PageArgs): Promise<ReplyConnection> {
    const { after, limit } = readPage(args);
    const rows = await this.all.page(tenantOf(caller), { after, limit: limit + 1 });
    return toConnection(toPage(rows, limit), row => row.id, toReply);
  }
}
