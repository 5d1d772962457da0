import { Args, Field, Mutation, ObjectType, Query, Resolver } from '@nestjs/graphql';
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
import type { OptOut } from '../opt-outs/opt-out.js';
import { OptOuts } from '../opt-outs/opt-outs.js';

@ObjectType('OptOut')
export class OptOutType {
  @Field(() => PhoneNumberScalar)
  phoneNumber: string;

  @Field(() => String)
  source: string;

  @Field(() => DateTimeScalar)
  createdAt: Date;
}

@ObjectType('OptOutConnection')
export class OptOutConnection extends connectionTypes('OptOut', OptOutType) {}

const toOptOut = ({ phoneNumber, source, createdAt }: OptOut): OptOutType =>
  Object.assign(new OptOutType(), { phoneNumber, source, createdAt });

@Resolver(() => OptOutType)
export class OptOutResolver {
  constructor(private readonly all: OptOuts) {}

  @Scopes('READ', 'MANAGE')
  @Query(() => OptOutConnection, { description: 'Numbers that get no commercial SMS of this tenant.' })
  async optOuts(@CurrentCaller() caller: Caller, @Args() args: PageArgs): Promise<OptOutConnection> {
    const { after, limit } = readPage(args);
    const rows = await this.all.page(tenantOf(caller), { after, limit: limit + 1 });
    return toConnection(toPage(rows, limit), row => row.id, toOptOut);
  }

  /** SEND too: an application that hears a STOP elsewhere must be able to say so at once. */
  @Scopes('MANAGE', 'SEND')
  @Mutation(() => OptOutType, {
    description: 'A STOP heard elsewhere: no commercial SMS any more, those already accepted included.',
  })
  async addOptOut(
    @CurrentCaller() caller: Caller,
    @Args('phoneNumber', { type: () => PhoneNumberScalar }) phoneNumber: string,
  ): Promise<OptOutType> {
    return toOptOut(await this.all.add(tenantOf(caller), phoneNumber, caller.keyId));
  }

  @Scopes('MANAGE')
  @Mutation(() => Boolean, { description: 'Lifts a STOP; audited. False: there was none.' })
  removeOptOut(
    @CurrentCaller() caller: Caller,
    @Args('phoneNumber', { type: () => PhoneNumberScalar }) phoneNumber: string,
  ): Promise<boolean> {
    return this.all.remove(tenantOf(caller), phoneNumber, caller.keyId);
  }
}
