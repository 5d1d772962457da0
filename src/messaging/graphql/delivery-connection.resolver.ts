import { Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../../kernel/graphql/index.js';
import { MessageLoaders } from './message-loaders.js';
import { DeliveryConnection } from './message.type.js';

@Resolver(() => DeliveryConnection)
export class DeliveryConnectionResolver {
  constructor(private readonly loaders: MessageLoaders) {}

  /** Counted only where it is asked for. */
  @ResolveField(() => Int)
  totalCount(@Parent() { counted }: DeliveryConnection, @Context() context: GraphqlContext): Promise<number> {
    return this.loaders.countDeliveries(context, counted.message, counted.status);
  }
}
