import type { BulkOutcome, OutgoingBulk, SendOutcome } from '../../src/providers/index.js';
import type { AttemptView } from './attempts.js';
import type { GraphqlClient } from './graphql-client.js';
import { deliveriesOf, type DeliveryView, type RefusalView } from './messages.js';
import { acceptBulk, type ScriptedProvider } from './scripted-provider.js';
import type { TestApp } from './test-app.js';

/** What tests look at of a batch. */
export interface BatchView {
  readonly __typename: 'Batch';
  readonly id: string;
  readonly number: number;
  readonly status: string;
  readonly messageCount: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly cost: string;
  readonly currency: string;
  readonly sandbox: boolean;
  readonly scheduledFor: string | null;
  readonly releaseAt: string | null;
  readonly createdAt: string;
}

/** One text of a batch. */
export interface BatchMessageView {
  readonly id: string;
  readonly number: number;
  readonly batchId: string | null;
  readonly status: string;
  readonly text: string | null;
  readonly parts: number;
  readonly cost: string;
  readonly releaseAt: string | null;
  readonly deliveries: { readonly nodes: readonly DeliveryView[] };
  readonly timeline: readonly { readonly kind: string; readonly detail: string }[];
  readonly waiting: readonly {
    readonly kind: string;
    readonly nextCheckAt: string | null;
    readonly explanation: string;
  }[];
}

export interface Pair {
  readonly to: string;
  readonly text: string;
}

export interface BatchInput {
  readonly messages: readonly Pair[];
  readonly [field: string]: unknown;
}

const BATCH = `fragment BatchView on Batch {
  id number status messageCount cost currency sandbox scheduledFor releaseAt createdAt
  counts { waiting sent delivered undelivered expired refused optedOut cancelled unconfirmed }
}`;

const SEND_RESULT = `__typename ...BatchView
  ... on Refusal { code message }
  ... on InvalidSms { problems { path code message } }
  ... on InsufficientCredit { required balance currency }`;

export const SEND_BATCH = `mutation ($input: SendBatchInput!) { sendBatch(input: $input) { ${SEND_RESULT} } } ${BATCH}`;
const CANCEL_BATCH = `mutation ($id: ID!) {
  cancelBatch(id: $id) { __typename ...BatchView ... on TooLate { code message status } }
} ${BATCH}`;

/** A French mobile of its own for each index; up to index 9000 none is one of the simulator's magic numbers. */
export const numberOf = (index: number): string => `+336${String(20_001_000 + index)}`;

/** As many texts, each its own, to as many numbers. */
export const pairs = (count: number, from = 0): Pair[] =>
  Array.from({ length: count }, (_, index) => ({ to: numberOf(from + index), text: `Bonjour ${from + index}` }));

export async function sendBatch(gql: GraphqlClient, input: BatchInput): Promise<BatchView | RefusalView> {
  return (await gql.run<{ sendBatch: BatchView | RefusalView }>(SEND_BATCH, { input })).sendBatch;
}

/** Sends and insists that it was accepted. */
export async function acceptedBatch(gql: GraphqlClient, input: BatchInput): Promise<BatchView> {
  const result = await sendBatch(gql, input);
  if (result.__typename !== 'Batch') throw new Error(`refused: ${JSON.stringify(result)}`);
  return result;
}

/** Sends and insists that it was refused. */
export async function refusedBatch(gql: GraphqlClient, input: BatchInput): Promise<RefusalView> {
  const result = await sendBatch(gql, input);
  if (result.__typename === 'Batch') throw new Error('accepted, though it should have been refused');
  return result;
}

export async function cancelBatch(gql: GraphqlClient, id: string): Promise<BatchView | RefusalView> {
  return (await gql.run<{ cancelBatch: BatchView | RefusalView }>(CANCEL_BATCH, { id })).cancelBatch;
}

/** Null: there is none, or it is another tenant's. */
export async function findBatch(gql: GraphqlClient, id: string): Promise<BatchView | null> {
  const document = `query ($id: ID!) { batch(id: $id) { __typename ...BatchView } } ${BATCH}`;
  return (await gql.run<{ batch: BatchView | null }>(document, { id })).batch;
}

export async function findBatchByNumber(gql: GraphqlClient, number: number): Promise<BatchView | null> {
  const document = `query ($number: SafeInt!) { batchByNumber(number: $number) { __typename ...BatchView } } ${BATCH}`;
  return (await gql.run<{ batchByNumber: BatchView | null }>(document, { number })).batchByNumber;
}

export async function lookBatch(gql: GraphqlClient, id: string): Promise<BatchView> {
  const batch = await findBatch(gql, id);
  if (batch === null) throw new Error('there is no such batch');
  return batch;
}

export interface BatchPage {
  readonly nodes: readonly BatchMessageView[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const PAGE = `query ($id: ID!, $first: Int!, $after: String) { batch(id: $id) { messages(first: $first, after: $after) {
  nodes { id number batchId status text parts cost releaseAt timeline { kind detail } waiting { kind nextCheckAt explanation }
    deliveries(first: 1) { nodes { phoneNumber territory status errorCode errorMessage cost } } }
  pageInfo { hasNextPage endCursor } } } }`;

export async function pageOf(
  gql: GraphqlClient,
  id: string,
  page: { readonly first: number; readonly after?: string | null },
): Promise<BatchPage> {
  const { batch } = await gql.run<{ batch: { messages: BatchPage } }>(PAGE, { id, ...page });
  return batch.messages;
}

/** All of its messages, in the order of the request. */
export async function messagesOf(gql: GraphqlClient, id: string): Promise<BatchMessageView[]> {
  const messages: BatchMessageView[] = [];
  let after: string | null = null;
  for (;;) {
    const { nodes, pageInfo }: BatchPage = await pageOf(gql, id, { first: 50, after });
    messages.push(...nodes);
    if (!pageInfo.hasNextPage) return messages;
    after = pageInfo.endCursor;
  }
}

/** What became of each text's one delivery, in the order of the request. */
export const fatesOf = async (gql: GraphqlClient, id: string): Promise<(string | undefined)[]> =>
  (await messagesOf(gql, id)).map(({ deliveries }) => deliveries.nodes[0]?.status);

export const statusesOf = async (gql: GraphqlClient, id: string): Promise<string[]> =>
  (await messagesOf(gql, id)).map(({ status }) => status);

export const deliveryOf = async (gql: GraphqlClient, messageId: string): Promise<DeliveryView | undefined> =>
  (await deliveriesOf(gql, messageId))[0];

export interface BulkAttemptView extends AttemptView {
  readonly submissions: number;
}

/** The provider calls that carried anything of a batch, oldest first, with how much of it each carried. */
export const attemptsOfBatch = (app: TestApp, batchId: string): Promise<BulkAttemptView[]> =>
  app.sql<BulkAttemptView>(
    `select a.id, a.tag, a.outcome, a.code, a.reason, a.secret_hash, a.provider_message_id, count(*)::int as submissions
       from attempts a join attempt_submissions c on c.tenant_id = a.tenant_id and c.attempt_id = a.id
       join submissions s on s.tenant_id = c.tenant_id and s.id = c.submission_id
       join messages m on m.tenant_id = s.tenant_id and m.id = s.message_id
      where m.batch_id = $1 group by a.tenant_id, a.id order by a.started_at, a.id`,
    [batchId],
  );

/** What was paid back of each message of a batch, entry by entry. */
export async function refundsOfBatch(app: TestApp, batchId: string): Promise<string[]> {
  const rows = await app.sql<{ amount: string }>(
    `select l.amount from ledger_entries l join messages m on m.tenant_id = l.tenant_id and m.id = l.message_id
      where m.batch_id = $1 and l.kind = 'REFUND' order by l.id`,
    [batchId],
  );
  return rows.map(({ amount }) => amount);
}

export const countBy = (values: readonly (string | undefined | null)[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(values, String)].map(([value, all]) => [value, all.length]));

/** A text that a call carried to a number, under the call's tag. */
export interface Carried extends Pair {
  readonly tag: string;
  readonly stopMention: boolean;
}

/** Every text that the provider was called for, bulk or not, call after call. */
export const carriedBy = (provider: ScriptedProvider): Carried[] => [
  ...provider.bulkCalls.flatMap(({ bulk: { tag, stopMention, messages } }) =>
    messages.map(({ phoneNumber: to, text }) => ({ to, text, tag, stopMention })),
  ),
  ...provider.calls.flatMap(({ sms: { tag, stopMention, recipients, text } }) =>
    recipients.map(to => ({ to, text, tag, stopMention })),
  ),
];

export const byNumber = <T extends Pair>(texts: readonly T[]): T[] =>
  texts.toSorted((a, b) => `${a.to} ${a.text}`.localeCompare(`${b.to} ${b.text}`));

export const bareOf = (texts: readonly Pair[]): Pair[] => byNumber(texts).map(({ to, text }) => ({ to, text }));

/** Takes the call, refuses these numbers and says nothing of those. */
export const acceptsBut =
  (refused: readonly string[], unmentioned: readonly string[] = []) =>
  (bulk: OutgoingBulk): Extract<BulkOutcome, { status: 'accepted' }> => ({
    ...acceptBulk(bulk),
    refused: refused.map(phoneNumber => ({ phoneNumber, code: '13', reason: 'there is no price for it' })),
    unmentioned,
  });

/** The answer to a single text, given to a bulk call. */
export const inBulk = (outcome: SendOutcome): BulkOutcome =>
  outcome.status === 'accepted' ? { ...outcome, refused: [], unmentioned: [] } : outcome;
