import { Args, ArgsType, Field, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Caller, tenantOf } from '../../accounts/index.js';
import { CurrentCaller, Scopes } from '../../accounts/graphql/index.js';
import { InvalidArgument, isUuid, NotFound } from '../../kernel/index.js';
import { PageArgs, readPage, toConnection, toPage } from '../../kernel/graphql/index.js';
import { ReplayDelivery } from '../outgoing/replay-delivery.js';
import { CreateWebhook } from '../webhooks/create-webhook.js';
import { DeleteWebhook } from '../webhooks/delete-webhook.js';
import { ReadWebhooks } from '../webhooks/read-webhooks.js';
import { RotateWebhookSecret } from '../webhooks/rotate-webhook-secret.js';
import { SwitchWebhook } from '../webhooks/switch-webhook.js';
import {
  CreatedWebhookType,
  CreateWebhookInput,
  toCreatedWebhook,
  toWebhook,
  toWebhookDelivery,
  WebhookDeliveryConnection,
  WebhookDeliveryType,
  WebhookType,
} from './webhook.type.js';

@ArgsType()
class WebhookDeliveriesArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  webhookId?: string | null;
}

const THE_ID = { type: () => ID } as const;

@Resolver(() => WebhookType)
export class WebhookResolver {
  constructor(
    private readonly read: ReadWebhooks,
    private readonly create: CreateWebhook,
    private readonly remove: DeleteWebhook,
    private readonly rotate: RotateWebhookSecret,
    private readonly switching: SwitchWebhook,
    private readonly replay: ReplayDelivery,
  ) {}

  @Scopes('READ', 'MANAGE')
  @Query(() => [WebhookType], { description: 'Where this tenant is told of events; at most 20.' })
  async webhooks(@CurrentCaller() caller: Caller): Promise<WebhookType[]> {
    return (await this.read.all(tenantOf(caller))).map(toWebhook);
  }

  @Scopes('READ', 'MANAGE')
  @Query(() => WebhookDeliveryConnection, {
    description: "Calls to webhooks and to messages' own addresses, made or to be made.",
  })
  async webhookDeliveries(
    @CurrentCaller() caller: Caller,
    @Args() args: WebhookDeliveriesArgs,
  ): Promise<WebhookDeliveryConnection> {
    const webhookId = args.webhookId ?? null;
    if (webhookId !== null && !isUuid(webhookId)) throw new InvalidArgument('webhookId', 'must be the id of a webhook');
    const { after, limit } = readPage(args);
    const rows = await this.read.deliveriesOf(tenantOf(caller), webhookId, { after, limit: limit + 1 });
    return toConnection(toPage(rows, limit), row => row.id, toWebhookDelivery);
  }

  @Scopes('MANAGE')
  @Mutation(() => CreatedWebhookType, { description: 'The secret is in the answer once, and never again.' })
  async createWebhook(
    @CurrentCaller() caller: Caller,
    @Args('input') { url, events }: CreateWebhookInput,
  ): Promise<CreatedWebhookType> {
    return toCreatedWebhook(await this.create.execute(tenantOf(caller), { url, events }, caller.keyId));
  }

  @Scopes('MANAGE')
  @Mutation(() => Boolean, { description: 'What it was still to be told of is given up.' })
  async deleteWebhook(@CurrentCaller() caller: Caller, @Args('id', THE_ID) id: string): Promise<boolean> {
    await this.remove.execute(tenantOf(caller), readId(id, 'webhook'), caller.keyId);
    return true;
  }

  @Scopes('MANAGE')
  @Mutation(() => CreatedWebhookType, { description: 'A new secret; the old one signs beside it for 24 hours more.' })
  async rotateWebhookSecret(
    @CurrentCaller() caller: Caller,
    @Args('id', THE_ID) id: string,
  ): Promise<CreatedWebhookType> {
    return toCreatedWebhook(await this.rotate.execute(tenantOf(caller), readId(id, 'webhook'), caller.keyId));
  }

  @Scopes('MANAGE')
  @Mutation(() => WebhookType, {
    description:
      'Switches on what a 410 switched off. What happened meanwhile is not told; what failed can be replayed.',
  })
  async enableWebhook(@CurrentCaller() caller: Caller, @Args('id', THE_ID) id: string): Promise<WebhookType> {
    return toWebhook(await this.switching.on(tenantOf(caller), readId(id, 'webhook'), caller.keyId));
  }

  @Scopes('MANAGE')
  @Mutation(() => WebhookDeliveryType, {
    description:
      'Calls again, with the same event id and body: a new delivery, or the same one where it is still PENDING.',
  })
  async replayWebhookDelivery(
    @CurrentCaller() caller: Caller,
    @Args('id', THE_ID) id: string,
  ): Promise<WebhookDeliveryType> {
    const delivery = readId(id, 'webhook delivery');
    return toWebhookDelivery(await this.replay.execute(tenantOf(caller), delivery, caller.keyId));
  }
}

function readId(id: string, what: string): string {
  if (!isUuid(id)) throw new NotFound(what);
  return id;
}
