import type { Tenant } from '../../accounts/index.js';
import { PriceList } from '../../billing/index.js';
import { formatDecimal, parseDecimal } from '../../kernel/index.js';
import type { SendWindows, Territory } from '../../scheduling/index.js';
import { type Departure, departureOf } from './departure.js';
import { InvalidSms, type Problem } from '../messaging.errors.js';
import { positionsOf, type Recipient, type RecipientList, readRecipients } from '../recipients/read-recipients.js';
import { splitByTerritory } from '../recipients/split-by-territory.js';
import { optionsOf, problemsOfOptions, type SmsOptions } from './sms-options.js';
import type { SmsRequest } from './sms-request.js';
import { type ComposedText, composeText, type Composition, type TextProblem } from '../text/compose-text.js';

/** Whatever a plan depends on besides the request. */
export interface PlanningContext {
  readonly tenant: Tenant;
  readonly now: Date;
  readonly windows: SendWindows;
  readonly stopWording: string;
  /** CIDRs inside that tenants' addresses may name all the same. */
  readonly addressesAllowed: readonly string[];
}

/** The request, checked: what it says, to whom, with which options. */
export interface CheckedSms {
  readonly request: SmsRequest;
  readonly options: SmsOptions;
  readonly composed: ComposedText;
  readonly recipients: readonly Recipient[];
}

export interface PlannedDelivery {
  readonly phoneNumber: string;
  /** What the tenant pays for it; zero for one who has opted out. Exact decimal. */
  readonly cost: string;
  readonly optedOut: boolean;
}

export interface PlannedSubmission {
  readonly territory: Territory;
  readonly departure: Departure;
  readonly deliveries: readonly PlannedDelivery[];
}

/** All that acceptance writes down, decided before anything is written. */
export interface MessagePlan extends CheckedSms {
  readonly submissions: readonly PlannedSubmission[];
  readonly cost: string;
}

/**
 * Throws InvalidSms with every problem of the text, the recipients and the options, and those that were found before.
 * `recipients`: where they are read already.
 */
export function checkSms(
  request: SmsRequest,
  context: PlanningContext,
  found: readonly Problem[] = [],
  recipients: RecipientList = readRecipients(request.to, request.territory),
): CheckedSms {
  const composition = compose(request, context);
  const problems = [
    ...found,
    ...(recipients.ok ? [] : recipients.problems),
    ...(composition.ok ? [] : composition.problems.map(inInput)),
    ...problemsOfOptions(request, context),
  ];
  if (problems.length > 0 || !composition.ok || !recipients.ok) throw new InvalidSms(problems);
  const options = optionsOf(request, context.tenant);
  return { request, options, composed: composition.text, recipients: recipients.recipients };
}

export const compose = (request: SmsRequest, { tenant, stopWording }: PlanningContext): Composition =>
  composeText({
    text: request.text,
    route: request.route,
    category: optionsOf(request, tenant).category,
    unicode: request.unicode,
    unicodeAllowed: tenant.unicodeAllowed,
    stopMention: request.stopMention,
    stopWording,
  });

export const inInput = ({ field, code, message }: TextProblem): Problem => ({ path: [field], code, message });

export interface Pricing {
  readonly prices: PriceList;
  /** E.164 numbers that opted out of this tenant's commercial SMS. */
  readonly optedOut: ReadonlySet<string>;
}

/** Splits by territory, prices, and asks the law. Throws InvalidSms where a number has no price. */
export function planMessage(checked: CheckedSms, pricing: Pricing, context: PlanningContext): MessagePlan {
  const { category } = checked.options;
  const costs = priceRecipients(checked, pricing);
  const submissions = splitByTerritory(checked.recipients).map(({ territory, recipients }) => ({
    territory,
    departure: departureOf(context.windows, { category, territory }, checked.request.at, context.now),
    deliveries: recipients.map(({ phoneNumber }) => ({
      phoneNumber,
      cost: formatDecimal(costs.get(phoneNumber) ?? 0n),
      optedOut: pricing.optedOut.has(phoneNumber),
    })),
  }));
  let total = 0n;
  for (const cost of costs.values()) total += cost;
  return { ...checked, submissions, cost: formatDecimal(total) };
}

/** Price of a part × parts for each who has not opted out, in ten-thousandths. */
function priceRecipients(checked: CheckedSms, { prices, optedOut }: Pricing): Map<string, bigint> {
  const costs = new Map<string, bigint>();
  const unpriced: string[] = [];
  for (const { phoneNumber } of checked.recipients) {
    if (optedOut.has(phoneNumber)) continue;
    const price = prices.partPrice(phoneNumber);
    if (price === null) unpriced.push(phoneNumber);
    else costs.set(phoneNumber, parseDecimal(price) * BigInt(checked.composed.parts));
  }
  if (unpriced.length > 0) throw new InvalidSms(noPriceProblems(checked.request, unpriced));
  return costs;
}

/** Of a request that is refused anyway: which of the numbers that read have no price, so that all is told at once. */
export function unpricedProblems(request: SmsRequest, prices: PriceList): Problem[] {
  const readable = [...positionsOf(request.to).keys()];
  return noPriceProblems(
    request,
    readable.filter(phoneNumber => prices.partPrice(phoneNumber) === null),
  );
}

function noPriceProblems(request: SmsRequest, unpriced: readonly string[]): Problem[] {
  const positions = positionsOf(request.to);
  return unpriced.map(phoneNumber => ({
    path: ['to', String(positions.get(phoneNumber))],
    code: 'NO_PRICE',
    message: 'There is no price for this number on this route. Leave it out, or ask an administrator to set one.',
  }));
}
