import { Args, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Caller, tenantOf } from '../../accounts/index.js';
import { CurrentCaller, Scopes } from '../../accounts/graphql/index.js';
import { isUuid, NotFound, type TenantId } from '../../kernel/index.js';
import { DateTimeScalar } from '../../kernel/graphql/index.js';
import { CancelMessage } from '../cancel-message.js';
import { InvalidSms, TooLate } from '../messaging.errors.js';
import { PreviewSms } from '../asking/preview-sms.js';
import { ReadMessages } from '../read-messages.js';
import { RescheduleMessage } from '../reschedule-message.js';
import { SendSms } from '../asking/send-sms.js';
import type { SmsRequest } from '../asking/sms-request.js';
import { toMessage } from './message.type.js';
import { ScheduleSmsInput, SendSmsInput, toSmsRequest } from './messaging.inputs.js';
import {
  ChangeMessageResult,
  PreviewSmsResult,
  SendSmsResult,
  toInvalidSms,
  toSendRefusal,
  toTooLate,
} from './refusal.types.js';
import { toSmsPreview } from './sms-preview.type.js';

@Resolver()
export class SendSmsResolver {
  constructor(
    private readonly send: SendSms,
    private readonly preview: PreviewSms,
    private readonly cancel: CancelMessage,
    private readonly reschedule: RescheduleMessage,
    private readonly read: ReadMessages,
  ) {}

  @Scopes('SEND')
  @Mutation(() => SendSmsResult, {
    description:
      'Accepts an SMS, all of it or nothing, to leave as soon as permitted. The answer comes once it is safe.',
  })
  sendSms(@CurrentCaller() caller: Caller, @Args('input') input: SendSmsInput): Promise<typeof SendSmsResult> {
    return this.order(caller, 'sendSms', toSmsRequest(input, null));
  }

  @Scopes('SEND')
  @Mutation(() => SendSmsResult, {
    description: 'The same for a later time; one that falls into quiet hours is held on to the next opening.',
  })
  scheduleSms(@CurrentCaller() caller: Caller, @Args('input') input: ScheduleSmsInput): Promise<typeof SendSmsResult> {
    return this.order(caller, 'scheduleSms', toSmsRequest(input, input.at));
  }

  @Scopes('SEND', 'READ')
  @Query(() => PreviewSmsResult, {
    description: 'What would happen, without sending: text as sent, parts, cost, and when it would leave and why.',
  })
  async previewSms(
    @CurrentCaller() caller: Caller,
    @Args('input') input: SendSmsInput,
    @Args('at', { type: () => DateTimeScalar, nullable: true }) at?: Date | null,
  ): Promise<typeof PreviewSmsResult> {
    try {
      return toSmsPreview(await this.preview.execute(tenantOf(caller), toSmsRequest(input, null), at ?? null));
    } catch (error) {
      if (error instanceof InvalidSms) return toInvalidSms(error);
      throw error;
    }
  }

  @Scopes('SEND')
  @Mutation(() => ChangeMessageResult, { description: 'Stops whatever of it has provably not gone, and pays it back.' })
  cancelMessage(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<typeof ChangeMessageResult> {
    return this.change(caller, id, tenantId => this.cancel.execute(tenantId, id));
  }

  @Scopes('SEND')
  @Mutation(() => ChangeMessageResult, { description: 'Moves whatever of it has provably not gone to another time.' })
  rescheduleMessage(
    @CurrentCaller() caller: Caller,
    @Args('id', { type: () => ID }) id: string,
    @Args('at', { type: () => DateTimeScalar }) at: Date,
  ): Promise<typeof ChangeMessageResult> {
    return this.change(caller, id, tenantId => this.reschedule.execute(tenantId, id, at));
  }

  /** The input is what an idempotency key stands for: as the schema reads it (null is "not given"), before the tenant's defaults. */
  private async order(caller: Caller, operation: string, request: SmsRequest): Promise<typeof SendSmsResult> {
    try {
      const accepted = await this.send.execute(tenantOf(caller), { operation, input: { ...request }, request });
      return toMessage(accepted.message);
    } catch (error) {
      const refusal = toSendRefusal(error);
      if (refusal !== null) return refusal;
      throw error;
    }
  }

  private async change(
    caller: Caller,
    id: string,
    act: (tenantId: TenantId) => Promise<void>,
  ): Promise<typeof ChangeMessageResult> {
    if (!isUuid(id)) throw new NotFound('message');
    try {
      await act(tenantOf(caller));
    } catch (error) {
      if (error instanceof TooLate) return toTooLate(error);
      throw error;
    }
    const message = await this.read.byId(caller, null, id);
    if (message === null) throw new NotFound('message');
    return toMessage(message);
  }
}
