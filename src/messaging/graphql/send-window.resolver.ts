import { Args, Field, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { AnyKey } from '../../accounts/graphql/index.js';
import { Clock } from '../../kernel/index.js';
import { DateTimeScalar } from '../../kernel/graphql/index.js';
import { type SendWindow, SendWindows, type Territory } from '../../scheduling/index.js';
import { TerritoryEnum } from './enums.js';

@ObjectType('SendWindow')
export class SendWindowType {
  @Field(() => TerritoryEnum)
  territory: Territory;

  @Field(() => String)
  policy: string;

  @Field(() => String)
  timeZone: string;

  @Field(() => Boolean)
  open: boolean;

  @Field(() => DateTimeScalar, { description: 'Open: when the present window opened. Closed: the next opening.' })
  opensAt: Date;

  @Field(() => DateTimeScalar, { description: 'When that window closes; it is closed at this instant.' })
  closesAt: Date;

  @Field(() => String, {
    nullable: true,
    description: 'QUIET_HOURS, SUNDAY, or PUBLIC_HOLIDAY with its name; null while open.',
  })
  closedBecause: string | null;
}

const toSendWindow = ({ closedBecause, holiday, ...window }: SendWindow): SendWindowType =>
  Object.assign(new SendWindowType(), {
    ...window,
    closedBecause: closedBecause !== null && holiday !== null ? `${closedBecause}: ${holiday}` : closedBecause,
  });

@Resolver(() => SendWindowType)
export class SendWindowResolver {
  constructor(
    private readonly windows: SendWindows,
    private readonly clock: Clock,
  ) {}

  @AnyKey()
  @Query(() => SendWindowType, { description: 'When a commercial SMS may leave for a territory.' })
  sendWindow(
    @Args('territory', { type: () => TerritoryEnum, defaultValue: TerritoryEnum.METROPOLE }) territory: Territory,
    @Args('at', { type: () => DateTimeScalar, nullable: true }) at?: Date | null,
  ): SendWindowType {
    return toSendWindow(this.windows.at(territory, at ?? this.clock.now()));
  }
}
