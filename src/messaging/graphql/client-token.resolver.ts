import { Args, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from '@nestjs/graphql';
import type { Caller } from '../../accounts/index.js';
import { CurrentCaller, Scopes } from '../../accounts/graphql/index.js';
import { DateTimeScalar } from '../../kernel/graphql/index.js';
import { IssueClientToken } from '../issue-client-token.js';

const DEFAULT_SECONDS = 900;

@InputType({ description: 'Exactly one of `messageId` and `tag`.' })
export class IssueClientTokenInput {
  @Field(() => ID, { nullable: true })
  messageId?: string | null;

  @Field(() => String, { nullable: true, description: 'Of messages there are and of messages to come.' })
  tag?: string | null;

  @Field(() => Int, { nullable: true, defaultValue: DEFAULT_SECONDS, description: 'At most 3600.' })
  ttlSeconds: number | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      'Shows the browser texts and phone numbers too. Left out, they are null to it: a page that waits for a code to arrive must not be told the code.',
  })
  personalData: boolean | null;
}

@ObjectType('ClientToken')
export class ClientTokenType {
  @Field(() => String)
  token: string;

  @Field(() => DateTimeScalar)
  expiresAt: Date;
}

@Resolver(() => ClientTokenType)
export class ClientTokenResolver {
  constructor(private readonly issue: IssueClientToken) {}

  @Scopes('READ')
  @Mutation(() => ClientTokenType, {
    description:
      'For a browser: READ of one message or one tag, at most an hour, over at once with the key that issues it. No secret key leaves the back end.',
  })
  async issueClientToken(
    @CurrentCaller() caller: Caller,
    @Args('input') input: IssueClientTokenInput,
  ): Promise<ClientTokenType> {
    const token = await this.issue.execute(caller, {
      messageId: input.messageId ?? null,
      tag: input.tag ?? null,
      ttlSeconds: input.ttlSeconds ?? DEFAULT_SECONDS,
      personalData: input.personalData ?? false,
    });
    return Object.assign(new ClientTokenType(), token);
  }
}
