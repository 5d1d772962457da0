import { createClient } from 'graphql-ws';
import type { TypedDocumentString } from './generated/graphql.js';

/** What one answer is made of; `errors` are refusals that no operation lists in its result. */
interface Answer<Result> {
  readonly data?: Result | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Asks Relais: variables and answer have the types of the document. */
export async function ask<Result, Variables>(
  relais: { readonly url: string; readonly key: string },
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const response = await fetch(`${relais.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${relais.key}` },
    body: JSON.stringify({ query: document.toString(), variables }),
  });
  const { data, errors } = (await response.json()) as Answer<Result>;
  if (errors?.[0] !== undefined) throw new Error(`${errors[0].extensions?.code}: ${errors[0].message}`);
  if (data === null || data === undefined) throw new Error(`no answer (HTTP ${response.status})`);
  return data;
}

/** Follows a subscription over graphql-transport-ws, until the caller breaks out of the loop. */
export async function* follow<Result, Variables extends Record<string, unknown>>(
  relais: { readonly url: string; readonly key: string },
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): AsyncGenerator<Result> {
  const client = createClient({
    url: `${relais.url.replace(/^http/, 'ws')}/graphql`,
    connectionParams: { authorization: `Bearer ${relais.key}` },
  });
  try {
    for await (const { data, errors } of client.iterate<Result>({ query: document.toString(), variables })) {
      if (errors?.[0] !== undefined) throw new Error(errors[0].message);
      if (data !== null && data !== undefined) yield data;
    }
  } finally {
    await client.dispose();
  }
}
