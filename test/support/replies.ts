import type { GraphqlClient } from './graphql-client.js';

/** What SMS Partner posts for an answer to its short code. */
export const answer = (phone: string, text: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  type: 'response',
  phone_number: phone,
  text,
  message_id: 1_111_111,
  ...changes,
});

/** The parts of an answer to a long number, one post each, as handsets send them. */
export const partsOf = (phone: string, texts: readonly string[], ref = '108') =>
  texts.map((text, index) => ({
    msisdn: phone.replace('+', ''),
    to: '33757900000',
    messageId: `0A00000000${ref}${index + 1}`,
    text,
    type: 'text',
    keyword: texts[0]?.split(' ')[0]?.toUpperCase() ?? '',
    'message-timestamp': '2026-01-13 10:00:00',
    concat: 'true',
    'concat-ref': ref,
    'concat-total': String(texts.length),
    'concat-part': String(index + 1),
  }));

export interface ReplyView {
  readonly id: string;
  readonly from: string | null;
  readonly text: string | null;
  readonly messageId: string | null;
  readonly receivedAt: string;
}

export interface ReplyPage {
  readonly edges: readonly { readonly cursor: string; readonly node: ReplyView }[];
  readonly nodes: readonly ReplyView[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export async function repliesOf(
  gql: GraphqlClient,
  page: { readonly first?: number; readonly after?: string | null } = {},
): Promise<ReplyPage> {
  const document = `query ($first: Int, $after: String) {
    replies(first: $first, after: $after) {
      edges { cursor node { id } } nodes { id from text messageId receivedAt } pageInfo { hasNextPage endCursor } } }`;
  const variables = { first: page.first ?? 50, after: page.after ?? null };
  return (await gql.run<{ replies: ReplyPage }>(document, variables)).replies;
}

export const textsOf = async (gql: GraphqlClient): Promise<(string | null)[]> =>
  (await repliesOf(gql)).nodes.map(({ text }) => text);

export async function optOutsOf(gql: GraphqlClient): Promise<{ phoneNumber: string; source: string }[]> {
  const document = '{ optOuts { nodes { phoneNumber source } } }';
  return (await gql.run<{ optOuts: { nodes: { phoneNumber: string; source: string }[] } }>(document)).optOuts.nodes;
}
