import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import type { TenantId } from '../../kernel/index.js';
import { type GraphqlContext, remember } from '../../kernel/graphql/index.js';
import type { Delivery } from '../delivery.store.js';
import type { DeliveryStatus } from '../delivery-status.js';
import { type MessageParts, ReadMessages } from '../read-messages.js';
import type { TimelineEvent } from '../timeline.store.js';

interface Of {
  readonly tenantId: TenantId;
  readonly id: string;
}

const LOADERS = Symbol('loaders of messages');

/** What an answer shows of its many messages is looked up for all of them together: one statement for each kind of thing. */
@Injectable()
export class MessageLoaders {
  constructor(private readonly read: ReadMessages) {}

  partsOf(context: GraphqlContext, { tenantId, id }: Of): Promise<MessageParts> {
    return loader(context, `parts ${tenantId}`, ids => this.read.partsOf(tenantId, ids)).load(id);
  }

  timelineOf(context: GraphqlContext, { tenantId, id }: Of): Promise<readonly TimelineEvent[]> {
    return loader(context, `timeline ${tenantId}`, ids => this.read.timelinesOf(tenantId, ids)).load(id);
  }

  deliveriesOf(
    context: GraphqlContext,
    { tenantId, id }: Of,
    status: DeliveryStatus | null,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<readonly Delivery[]> {
    const kind = `deliveries ${tenantId} ${status} ${page.after} ${page.limit}`;
    return loader(context, kind, ids => this.read.deliveriesOf(tenantId, { messageIds: ids, status }, page)).load(id);
  }

  countDeliveries(context: GraphqlContext, { tenantId, id }: Of, status: DeliveryStatus | null): Promise<number> {
    const kind = `count ${tenantId} ${status}`;
    return loader(context, kind, ids => this.read.countDeliveries(tenantId, { messageIds: ids, status })).load(id);
  }
}

/** One for each kind of thing and operation. `find` answers in the order of the ids. */
function loader<T>(
  context: GraphqlContext,
  kind: string,
  find: (ids: readonly string[]) => Promise<readonly T[]>,
): DataLoader<string, T> {
  const loaders = remember(context, LOADERS, () => new Map<string, unknown>());
  if (!loaders.has(kind)) loaders.set(kind, new DataLoader<string, T>(find));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a kind has one type of thing
  return loaders.get(kind) as DataLoader<string, T>;
}
