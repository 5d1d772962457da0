import { Args, ArgsType, Context, Field, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type Caller, maySeePersonalData } from '../../accounts/index.js';
import { CurrentCaller, ForBrowsersToo, readTenantId, Scopes } from '../../accounts/graphql/index.js';
import { InvalidArgument, isUuid, type TenantId } from '../../kernel/index.js';
import {
  DateTimeScalar,
  type GraphqlContext,
  PageArgs,
  readPage,
  SafeIntScalar,
  toConnection,
  toPage,
} from '../../kernel/graphql/index.js';
import type { DeliveryStatus } from '../delivery-status.js';
import { countsOf, holdsOf, releaseAtOf } from '../message-parts.js';
import type { MessageFilter as Filter } from '../message.store.js';
import { ReadMessages } from '../read-messages.js';
import { readPhoneNumber } from '../recipients/phone-number.js';
import { TAG } from '../asking/sms-options.js';
import { waitReasonsOf } from '../waiting.js';
import { DeliveryStatusEnum } from './enums.js';
import {
  DeliveryConnection,
  MessageConnection,
  MessageType,
  toAnonymousDelivery,
  toDelivery,
  toMessage,
} from './message.type.js';
import {
  DeliveryCountsType,
  HoldType,
  TimelineEventType,
  toCounts,
  toHold,
  toTimelineEvent,
  toWaitReason,
  WaitReasonType,
} from './message-parts.type.js';
import { MessageFilter } from './messaging.inputs.js';
import { MessageLoaders } from './message-loaders.js';

@ArgsType()
class MessagesArgs extends PageArgs {
  @Field(() => MessageFilter, { nullable: true })
  filter?: MessageFilter | null;

  @Field(() => ID, { nullable: true })
  tenantId?: string | null;
}

@ArgsType()
class DeliveriesArgs extends PageArgs {
  @Field(() => DeliveryStatusEnum, { nullable: true })
  status?: DeliveryStatus | null;
}

const TENANT_ID = { type: () => ID, nullable: true } as const;

@Resolver(() => MessageType)
export class MessageResolver {
  constructor(
    private readonly read: ReadMessages,
    private readonly loaders: MessageLoaders,
  ) {}

  @Scopes('READ', 'ADMIN')
  @ForBrowsersToo()
  @Query(() => MessageType, { nullable: true, description: "Null: there is none, or it is another tenant's." })
  async message(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
    @Args('tenantId', TENANT_ID) tenantId?: string | null,
  ): Promise<MessageType | null> {
    if (!isUuid(id)) return null;
    const message = await this.read.byId(caller, readNamed(tenantId), id);
    return message && toMessage(message);
  }

  @Scopes('READ', 'ADMIN')
  @ForBrowsersToo()
  @Query(() => MessageType, { nullable: true, description: "By its public number (SMS Partner's message_id)." })
  async messageByNumber(
    @CurrentCaller() caller: Caller,
    @Args('number', { type: () => SafeIntScalar }) number: number,
    @Args('tenantId', TENANT_ID) tenantId?: string | null,
  ): Promise<MessageType | null> {
    const message = await this.read.byNumber(caller, readNamed(tenantId), number);
    return message && toMessage(message);
  }

  @Scopes('READ', 'ADMIN')
  @ForBrowsersToo()
  @Query(() => MessageConnection, { description: '`tenantId`: administrators only, here and on message queries.' })
  async messages(@CurrentCaller() caller: Caller, @Args() args: MessagesArgs): Promise<MessageConnection> {
    const { after, limit } = readPage(args);
    const rows = await this.read.page(caller, readNamed(args.tenantId), toFilter(args.filter), {
      after,
      limit: limit + 1,
    });
    return toConnection(toPage(rows, limit), row => row.id, toMessage);
  }

  @ResolveField(() => DeliveryCountsType)
  async counts(@Parent() message: MessageType, @Context() context: GraphqlContext): Promise<DeliveryCountsType> {
    return toCounts(countsOf((await this.loaders.partsOf(context, message)).submissions));
  }

  @ResolveField(() => DateTimeScalar, {
    nullable: true,
    description: 'The earliest submission still waiting; null when nothing waits.',
  })
  async releaseAt(@Parent() message: MessageType, @Context() context: GraphqlContext): Promise<Date | null> {
    return releaseAtOf((await this.loaders.partsOf(context, message)).submissions);
  }

  @ResolveField(() => [HoldType])
  async holds(@Parent() message: MessageType, @Context() context: GraphqlContext): Promise<HoldType[]> {
    const holds = holdsOf((await this.loaders.partsOf(context, message)).submissions);
    return holds.map(({ recipients, ...hold }) => toHold(hold, recipients));
  }

  @ResolveField(() => [WaitReasonType], {
    description: 'Why something of it has not left or is not settled yet; empty when nothing waits.',
  })
  async waiting(@Parent() message: MessageType, @Context() context: GraphqlContext): Promise<WaitReasonType[]> {
    const { submissions, tenant } = await this.loaders.partsOf(context, message);
    return waitReasonsOf(submissions, tenant).map(toWaitReason);
  }

  @ResolveField(() => String, { nullable: true, description: 'As the tenant wrote it; null once erased.' })
  text(@Parent() message: MessageType, @CurrentCaller() caller: Caller): string | null {
    return maySeePersonalData(caller) ? message.text : null;
  }

  @ResolveField(() => String, {
    nullable: true,
    description: 'As the handset shows it: characters replaced, STOP mention included as configured; null once erased.',
  })
  sentText(@Parent() message: MessageType, @CurrentCaller() caller: Caller): string | null {
    return maySeePersonalData(caller) ? message.sentText : null;
  }

  @ResolveField(() => DeliveryConnection)
  async deliveries(
    @CurrentCaller() caller: Caller,
    @Parent() message: MessageType,
    @Args() args: DeliveriesArgs,
    @Context() context: GraphqlContext,
  ): Promise<DeliveryConnection> {
    const { after, limit } = readPage(args);
    const status = args.status ?? null;
    const rows = await this.loaders.deliveriesOf(context, message, status, { after, limit: limit + 1 });
    const shown = maySeePersonalData(caller) ? toDelivery : toAnonymousDelivery;
    const connection = toConnection(toPage(rows, limit), row => row.id, shown);
    return Object.assign(new DeliveryConnection(), connection, { counted: { message, status } });
  }

  @ResolveField(() => [TimelineEventType], {
    description: 'What happened, oldest first: accepted, held, released, attempt, receipt…',
  })
  async timeline(@Parent() message: MessageType, @Context() context: GraphqlContext): Promise<TimelineEventType[]> {
    return (await this.loaders.timelineOf(context, message)).map(toTimelineEvent);
  }
}

const readNamed = (tenantId: string | null | undefined): TenantId | null =>
  tenantId == null ? null : readTenantId(tenantId);

function toFilter(filter: MessageFilter | null | undefined): Filter {
  return {
    status: filter?.status ?? null,
    tag: filter?.tag == null ? null : readTag(filter.tag),
    phoneNumber: filter?.phoneNumber == null ? null : readNumber(filter.phoneNumber),
    createdAfter: filter?.createdAfter ?? null,
    createdBefore: filter?.createdBefore ?? null,
  };
}

function readNumber(phoneNumber: string): string {
  const reading = readPhoneNumber(phoneNumber);
  if (!reading.ok) throw new InvalidArgument('filter.phoneNumber', `cannot be read: ${reading.message}`);
  return reading.e164;
}

function readTag(tag: string): string {
  if (!TAG.test(tag))
    throw new InvalidArgument('filter.tag', 'must have 1 to 20 characters without spaces or capital letters');
  return tag;
}
