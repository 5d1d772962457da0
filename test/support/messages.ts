import type { GraphqlClient } from './graphql-client.js';

/** What tests look at of a message. */
export interface MessageView {
  readonly __typename: 'Message';
  readonly id: string;
  readonly number: number;
  readonly status: string;
  readonly category: string;
  readonly text: string | null;
  readonly sentText: string | null;
  readonly encoding: string;
  readonly parts: number;
  readonly recipientCount: number;
  readonly cost: string;
  readonly currency: string;
  readonly scheduledFor: string | null;
  readonly releaseAt: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly holds: readonly {
    readonly rule: string;
    readonly policy: string;
    readonly territory: string;
    readonly timeZone: string;
    readonly localTime: string;
    readonly holiday: string | null;
    readonly recipients: number;
    readonly releaseAt: string;
    readonly explanation: string;
  }[];
  readonly waiting: readonly {
    readonly kind: string;
    readonly recipients: number;
    readonly since: string;
    readonly nextCheckAt: string | null;
    readonly explanation: string;
  }[];
  readonly timeline: readonly { readonly at: string; readonly kind: string; readonly detail: string }[];
}

export interface RefusalView {
  readonly __typename: 'InvalidSms' | 'NoRecipient' | 'InsufficientCredit' | 'IdempotencyConflict' | 'TooLate';
  readonly code: string;
  readonly message: string;
  readonly problems?: readonly { readonly path: readonly string[]; readonly code: string; readonly message: string }[];
  readonly required?: string;
  readonly balance?: string;
  readonly currency?: string;
  readonly status?: string;
}

export const MESSAGE = `fragment MessageView on Message {
  id number status category text sentText encoding parts recipientCount cost currency scheduledFor releaseAt
  counts { waiting sent delivered undelivered expired refused optedOut cancelled unconfirmed }
  holds { rule policy territory timeZone localTime holiday recipients releaseAt explanation }
  waiting { kind recipients since nextCheckAt explanation }
  timeline { at kind detail }
}`;

const SEND_RESULT = `__typename ...MessageView
  ... on Refusal { code message }
  ... on InvalidSms { problems { path code message } }
  ... on InsufficientCredit { required balance currency }`;

export interface SmsInput {
  readonly to?: readonly string[];
  readonly text?: string;
  readonly [field: string]: unknown;
}

const DEFAULTS = { to: ['+33612345678'], text: 'Bonjour' };

export async function send(gql: GraphqlClient, input: SmsInput = {}): Promise<MessageView | RefusalView> {
  const document = `mutation ($input: SendSmsInput!) { sendSms(input: $input) { ${SEND_RESULT} } } ${MESSAGE}`;
  return (await gql.run<{ sendSms: MessageView | RefusalView }>(document, { input: { ...DEFAULTS, ...input } }))
    .sendSms;
}

export async function schedule(
  gql: GraphqlClient,
  at: string,
  input: SmsInput = {},
): Promise<MessageView | RefusalView> {
  const document = `mutation ($input: ScheduleSmsInput!) { scheduleSms(input: $input) { ${SEND_RESULT} } } ${MESSAGE}`;
  const variables = { input: { ...DEFAULTS, ...input, at } };
  return (await gql.run<{ scheduleSms: MessageView | RefusalView }>(document, variables)).scheduleSms;
}

/** Sends and insists that it was accepted. */
export async function accepted(gql: GraphqlClient, input: SmsInput = {}): Promise<MessageView> {
  return insist(await send(gql, input));
}

export async function acceptedFor(gql: GraphqlClient, at: string, input: SmsInput = {}): Promise<MessageView> {
  return insist(await schedule(gql, at, input));
}

function insist(result: MessageView | RefusalView): MessageView {
  if (result.__typename !== 'Message') throw new Error(`refused: ${JSON.stringify(result)}`);
  return result;
}

/** Sends and insists that it was refused. */
export async function refused(gql: GraphqlClient, input: SmsInput = {}): Promise<RefusalView> {
  const result = await send(gql, input);
  if (result.__typename === 'Message') throw new Error('accepted, though it should have been refused');
  return result;
}

const CHANGE_RESULT = `__typename ...MessageView ... on TooLate { code message status }`;

export async function cancel(gql: GraphqlClient, id: string): Promise<MessageView | RefusalView> {
  const document = `mutation ($id: ID!) { cancelMessage(id: $id) { ${CHANGE_RESULT} } } ${MESSAGE}`;
  return (await gql.run<{ cancelMessage: MessageView | RefusalView }>(document, { id })).cancelMessage;
}

export async function reschedule(gql: GraphqlClient, id: string, at: string): Promise<MessageView | RefusalView> {
  const document = `mutation ($id: ID!, $at: DateTime!) { rescheduleMessage(id: $id, at: $at) { ${CHANGE_RESULT} } } ${MESSAGE}`;
  return (await gql.run<{ rescheduleMessage: MessageView | RefusalView }>(document, { id, at })).rescheduleMessage;
}

export async function look(gql: GraphqlClient, id: string): Promise<MessageView> {
  const document = `query ($id: ID!) { message(id: $id) { __typename ...MessageView } } ${MESSAGE}`;
  const { message } = await gql.run<{ message: MessageView | null }>(document, { id });
  if (message === null) throw new Error('there is no such message');
  return message;
}

export interface DeliveryView {
  readonly phoneNumber: string | null;
  readonly territory: string;
  readonly status: string;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly cost: string;
}

export async function deliveriesOf(gql: GraphqlClient, id: string): Promise<readonly DeliveryView[]> {
  const document = `query ($id: ID!) { message(id: $id) { deliveries(first: 500) { nodes { phoneNumber territory status errorCode errorMessage cost } } } }`;
  const { message } = await gql.run<{ message: { deliveries: { nodes: DeliveryView[] } } }>(document, { id });
  return message.deliveries.nodes;
}

export async function balanceOf(gql: GraphqlClient): Promise<string> {
  return (await gql.run<{ viewer: { tenant: { balance: string } } }>('{ viewer { tenant { balance } } }')).viewer.tenant
    .balance;
}
