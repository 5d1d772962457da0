import { Injectable } from '@nestjs/common';
import { ReadTenants } from '../accounts/index.js';
import { type BillingSummary, ReadBilling } from '../billing/index.js';
import { parseDecimal } from '../kernel/index.js';
import { ReadByNumber } from '../messaging/index.js';
import { type Asked, Endpoint } from './endpoint.js';
import { type Answer, success } from './wire/answer.js';

/** GET /v1/me: who one is, and what the credit is good for. */
@Injectable()
export class Me extends Endpoint {
  readonly method = 'GET';
  readonly path = '/v1/me';
  readonly scopes = 'any';

  constructor(
    private readonly tenants: ReadTenants,
    private readonly billing: ReadBilling,
    private readonly messages: ReadByNumber,
  ) {
    super();
  }

  async execute({ tenantId }: Asked): Promise<Answer> {
    const tenant = await this.tenants.find(tenantId);
    const summary = await this.billing.summary(tenantId);
    return answerMe({ name: tenant?.name ?? '', toSend: await this.messages.waitingCount(tenantId), summary });
  }
}

export function answerMe(me: {
  readonly name: string;
  readonly toSend: number;
  readonly summary: BillingSummary;
}): Answer {
  const { balance, currency, partPrices } = me.summary;
  const amount = shortest(balance);
  return success({
    // A tenant is no person: it has one name.
    user: { username: me.name, firstname: '', lastname: '' },
    credits: {
      creditSms: affordable(balance, partPrices.PREMIUM),
      creditSmsECO: affordable(balance, partPrices.ECO),
      // Number look-ups, which Relais does not make.
      creditHlr: 0,
      toSend: me.toSend,
      solde: amount,
      currency,
      balance: amount,
    },
  });
}

/** SMS of one part to France that the balance pays for; 0 where the range has no price. */
function affordable(balance: string, partPrice: string | null): number {
  const price = partPrice === null ? 0n : parseDecimal(partPrice);
  const units = parseDecimal(balance);
  return price <= 0n || units <= 0n ? 0 : Number(units / price);
}

/** "10225.119": the vendor shows three places; a fourth is shown where it is not 0. */
const shortest = (amount: string): string => amount.replace(/(\.\d{3})0$/, '$1');
