import { request } from 'undici';

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly requestId?: string; readonly reason?: string };
}

export interface GraphqlAnswer<T> {
  readonly status: number;
  readonly data: T | null;
  readonly errors: readonly GraphqlError[];
}

/** GraphQL over real HTTP with one key. */
export class GraphqlClient {
  constructor(
    readonly url: string,
    readonly key: string | null,
  ) {}

  /** The whole answer, errors included. */
  async ask<T>(document: string, variables: Readonly<Record<string, unknown>> = {}): Promise<GraphqlAnswer<T>> {
    const response = await request(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.key !== null && { authorization: `Bearer ${this.key}` }),
      },
      body: JSON.stringify({ query: document, variables }),
    });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- GraphQL over HTTP answers in this shape
    const body = (await response.body.json()) as { data?: T; errors?: GraphqlError[] };
    return { status: response.statusCode, data: body.data ?? null, errors: body.errors ?? [] };
  }

  /** The data; throws where there are errors. */
  async run<T>(document: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const { data, errors } = await this.ask<T>(document, variables);
    if (errors.length > 0 || data === null) throw new Error(`GraphQL: ${JSON.stringify(errors)}`);
    return data;
  }
}
