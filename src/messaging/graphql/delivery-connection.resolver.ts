import { Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { ReadMessages } from '../read-messages.js';
import { DeliveryConnection } from './message.type.js';

@Resolver(() => DeliveryConnection)
export class DeliveryConnectionResolver {
  constructor(private readonly read: ReadMessages) {}

  /** Counted only where it is asked for. */
  @ResolveField(() => Int)
  totalCount(@Parent() connection: DeliveryConnection): Promise<number> {
    return this.read.countDeliveries(connection.counted.tenantId, connection.counted);
  }
}
