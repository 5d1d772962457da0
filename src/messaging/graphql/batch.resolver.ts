import { Args, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { type Caller, tenantOf } from '../../accounts/index.js';
import { CurrentCaller, readTenantId, Scopes } from '../../accounts/graphql/index.js';
import { isUuid, NotFound, type TenantId } from '../../kernel/index.js';
import { PageArgs, readPage, SafeIntScalar, toConnection, toPage } from '../../kernel/graphql/index.js';
import { CancelBatch } from '../batches/cancel-batch.js';
import { ReadBatches } from '../batches/read-batches.js';
import { SendBatch } from '../batches/send-batch.js';
import { TooLate } from '../messaging.errors.js';
import { BatchType, toBatch } from './batch.type.js';
import { MessageConnection, toMessage } from './message.type.js';
import { SendBatchInput, toBatchRequest } from './messaging.inputs.js';
import { CancelBatchResult, SendBatchResult, toSendRefusal, toTooLate } from './refusal.types.js';

const TENANT_ID = { type: () => ID, nullable: true } as const;

@Resolver(() => BatchType)
export class BatchResolver {
  constructor(
    private readonly send: SendBatch,
    private readonly cancel: CancelBatch,
    private readonly read: ReadBatches,
  ) {}

  @Scopes('SEND')
  @Mutation(() => SendBatchResult, {
    description:
      'Accepts a text for each of up to 10,000 recipients, all of them or none; every problem with its path.',
  })
  async sendBatch(
    @CurrentCaller() caller: Caller,
    @Args('input') input: SendBatchInput,
  ): Promise<typeof SendBatchResult> {
    const request = toBatchRequest(input);
    try {
      const { batch } = await this.send.execute(tenantOf(caller), {
        operation: 'sendBatch',
        input: { ...request },
        request,
      });
      return await this.shown(caller, batch.id);
    } catch (error) {
      const refusal = toSendRefusal(error);
      if (refusal !== null) return refusal;
      throw error;
    }
  }

  @Scopes('SEND')
  @Mutation(() => CancelBatchResult, {
    description: 'Stops whatever of its messages has provably not gone, and pays it back.',
  })
  async cancelBatch(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<typeof CancelBatchResult> {
    if (!isUuid(id)) throw new NotFound('batch');
    try {
      await this.cancel.execute(tenantOf(caller), id);
    } catch (error) {
      if (error instanceof TooLate) return toTooLate(error);
      throw error;
    }
    return this.shown(caller, id);
  }

  @Scopes('READ', 'ADMIN')
  @Query(() => BatchType, { nullable: true, description: "Null: there is none, or it is another tenant's." })
  async batch(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
    @Args('tenantId', TENANT_ID) tenantId?: string | null,
  ): Promise<BatchType | null> {
    const view = isUuid(id) ? await this.read.byId(caller, readNamed(tenantId), id) : null;
    return view && toBatch(view);
  }

  @Scopes('READ', 'ADMIN')
  @Query(() => BatchType, { nullable: true, description: "By its public number (SMS Partner's message_id)." })
  async batchByNumber(
    @CurrentCaller() caller: Caller,
    @Args('number', { type: () => SafeIntScalar }) number: number,
    @Args('tenantId', TENANT_ID) tenantId?: string | null,
  ): Promise<BatchType | null> {
    const view = await this.read.byNumber(caller, readNamed(tenantId), number);
    return view && toBatch(view);
  }

  @ResolveField(() => MessageConnection, { description: 'One for each text, in the order of the request.' })
  async messages(@Parent() batch: BatchType, @Args() args: PageArgs): Promise<MessageConnection> {
    const { after, limit } = readPage(args);
    const rows = await this.read.messagesOf(batch.tenantId, batch.id, { after, limit: limit + 1 });
    return toConnection(toPage(rows, limit), row => row.id, toMessage);
  }

  private async shown(caller: Caller, id: string): Promise<BatchType> {
    const view = await this.read.byId(caller, null, id);
    if (view === null) throw new NotFound('batch');
    return toBatch(view);
  }
}

const readNamed = (tenantId: string | null | undefined): TenantId | null =>
  tenantId == null ? null : readTenantId(tenantId);
