import { readFile } from 'node:fs/promises';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  type GraphQLSchema,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphqlClient } from '../support/graphql-client.js';
import { minimalOperations } from '../support/minimal-operations.js';
import { coordinatesOf, requiredInputs } from '../support/schema-coordinates.js';
import { appAt, type TestApp } from '../support/test-app.js';

/** What of the contract is not there yet, and nothing else. A type stands for all of its fields. */
const MISSING: readonly string[] = [];

type Scope = 'SEND' | 'READ' | 'MANAGE' | 'ADMIN';
const ANY = ['SEND', 'READ', 'MANAGE', 'ADMIN'] as const;

/** Who may ask for what: any one of the scopes opens the field. Written down here a second time, on purpose. */
const OPENED_BY: Readonly<Record<string, readonly Scope[]>> = {
  'Query.viewer': ANY,
  'Query.prices': ANY,
  'Query.sendWindow': ANY,
  'Query.tenant': ANY,
  'Query.message': ['READ', 'ADMIN'],
  'Query.messageByNumber': ['READ', 'ADMIN'],
  'Query.messages': ['READ', 'ADMIN'],
  'Query.batch': ['READ', 'ADMIN'],
  'Query.batchByNumber': ['READ', 'ADMIN'],
  'Query.previewSms': ['SEND', 'READ'],
  'Query.optOuts': ['READ', 'MANAGE'],
  'Query.webhooks': ['READ', 'MANAGE'],
  'Query.webhookDeliveries': ['READ', 'MANAGE'],
  'Query.replies': ['READ'],
  'Query.ledger': ['READ', 'MANAGE', 'ADMIN'],
  'Query.auditTrail': ['ADMIN'],
  'Query.apiKeys': ['MANAGE', 'ADMIN'],
  'Query.tenants': ['ADMIN'],
  'Query.providerAccount': ['ADMIN'],
  'Mutation.sendSms': ['SEND'],
  'Mutation.scheduleSms': ['SEND'],
  'Mutation.sendBatch': ['SEND'],
  'Mutation.cancelBatch': ['SEND'],
  'Mutation.resolveUnconfirmed': ['ADMIN'],
  'Mutation.rescheduleMessage': ['SEND'],
  'Mutation.cancelMessage': ['SEND'],
  'Mutation.addOptOut': ['SEND', 'MANAGE'],
  'Mutation.removeOptOut': ['MANAGE'],
  'Mutation.createWebhook': ['MANAGE'],
  'Mutation.deleteWebhook': ['MANAGE'],
  'Mutation.rotateWebhookSecret': ['MANAGE'],
  'Mutation.enableWebhook': ['MANAGE'],
  'Mutation.replayWebhookDelivery': ['MANAGE'],
  'Mutation.issueApiKey': ['MANAGE', 'ADMIN'],
  'Mutation.rotateApiKey': ['MANAGE', 'ADMIN'],
  'Mutation.updateApiKey': ['MANAGE', 'ADMIN'],
  'Mutation.revokeApiKey': ['MANAGE', 'ADMIN'],
  'Mutation.issueClientToken': ['READ'],
  'Mutation.createTenant': ['ADMIN'],
  'Mutation.updateTenant': ['ADMIN'],
  'Mutation.suspendTenant': ['ADMIN'],
  'Mutation.reactivateTenant': ['ADMIN'],
  'Mutation.creditTenant': ['ADMIN'],
  'Mutation.setPrice': ['ADMIN'],
  'Mutation.setProviderCredential': ['ADMIN'],
};

/** What a browser's token opens, whatever its tenant's keys do. */
const OPENED_TO_BROWSERS = ['Query.message', 'Query.messageByNumber', 'Query.messages'];

let app: TestApp;
let schema: GraphQLSchema;
let contract: GraphQLSchema;
beforeAll(async () => {
  app = await appAt('2026-01-06T09:00:00Z');
  const anonymous = new GraphqlClient(app.url, null);
  const query = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true });
  schema = buildClientSchema(await anonymous.run<IntrospectionQuery>(query));
  contract = buildSchema(await readFile(new URL('../contract.graphql', import.meta.url), 'utf8'));
});
afterAll(() => app.close());

const ownerOf = (input: string): string =>
  input.includes('(') ? input.replace(/\(.*/, '') : input.replace(/\..*/, '');

describe('the public contract', () => {
  test('what is not there yet stands on the list, and what stands on the list is not there yet', () => {
    const there = coordinatesOf(schema);
    const missing = [...coordinatesOf(contract).keys()].filter(name => {
      const [type = ''] = name.split('.');
      return !there.has(name) && (name === type || there.has(type));
    });
    expect(missing.toSorted()).toEqual(MISSING);
  });

  test('every type, field, argument, default, enum value and union member that is there is as the contract says', () => {
    const there = coordinatesOf(schema);
    const differences = [...coordinatesOf(contract)].flatMap(([name, promised]) => {
      const lines = there.get(name);
      if (lines === undefined) return [];
      return [...promised].filter(line => !lines.has(line)).map(line => `${name} ${line}, not ${[...lines].join(' ')}`);
    });
    expect(differences).toEqual([]);
  });

  test('nothing is asked of a client that the contract does not ask', () => {
    const promised = requiredInputs(contract);
    const known = coordinatesOf(contract);
    // What the contract does not have at all asks nothing of whoever was written against it.
    const beyond = [...requiredInputs(schema)].filter(input => !promised.has(input) && known.has(ownerOf(input)));
    expect(beyond).toEqual([]);
  });

  test('schema.gql is what the code says', async () => {
    await expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toMatchFileSnapshot('../../schema.gql');
  });
});

const codeOf = async (client: GraphqlClient, document: string): Promise<string> =>
  (await client.ask(document)).errors[0]?.extensions.code ?? 'answered';

describe('the scopes of keys', () => {
  test('every query and every mutation has its scopes written down here', () => {
    const fields = minimalOperations(schema).map(operation => operation.name);
    expect(fields.toSorted()).toEqual(Object.keys(OPENED_BY).toSorted());
  });

  test('without a key, or with a key that is none, every query and mutation answers UNAUTHENTICATED', async () => {
    const nobody = [null, 'rk_short', `rk_${'A'.repeat(43)}`].map(key => new GraphqlClient(app.url, key));
    const answers: Record<string, string[]> = {};
    for (const { name, document } of minimalOperations(schema)) {
      answers[name] = await Promise.all(nobody.map(client => codeOf(client, document())));
    }
    const refused = ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'];
    expect(answers).toEqual(Object.fromEntries(Object.keys(OPENED_BY).map(name => [name, refused])));
  });

  test('a key opens exactly the fields of its scope and finds all others FORBIDDEN', async () => {
    const tenant = await app.tenant();
    const clients: Readonly<Record<Scope, GraphqlClient>> = {
      SEND: await app.key(tenant.id, ['SEND']),
      READ: await app.key(tenant.id, ['READ']),
      MANAGE: await app.key(tenant.id, ['MANAGE']),
      ADMIN: app.admin,
    };
    const opened: Record<string, Scope[]> = {};
    for (const { name, document } of minimalOperations(schema)) {
      const named = (scope: Scope): string => document(scope === 'ADMIN' ? tenant.id : undefined);
      const codes = await Promise.all(
        ANY.map(async scope => [scope, await codeOf(clients[scope], named(scope))] as const),
      );
      expect(codes.map(([, code]) => code)).not.toContain('UNAUTHENTICATED');
      expect(codes.map(([, code]) => code)).not.toContain('INTERNAL_SERVER_ERROR');
      opened[name] = codes.filter(([, code]) => code !== 'FORBIDDEN').map(([scope]) => scope);
    }
    const inOrder = Object.entries(OPENED_BY).map(([name, scopes]) => [name, ANY.filter(s => scopes.includes(s))]);
    expect(opened).toEqual(Object.fromEntries(inOrder));
  });

  test('a client token opens the fields for browsers and finds all others FORBIDDEN', async () => {
    const tenant = await app.tenant();
    const issued = await tenant.gql.run<{ issueClientToken: { token: string } }>(
      'mutation { issueClientToken(input: { tag: "x" }) { token } }',
    );
    const browser = new GraphqlClient(app.url, issued.issueClientToken.token);
    const opened: string[] = [];
    for (const { name, document } of minimalOperations(schema))
      if ((await codeOf(browser, document())) !== 'FORBIDDEN') opened.push(name);
    expect(opened.toSorted()).toEqual(OPENED_TO_BROWSERS);
  });

  test('a key that may only send sees in the answer what it sent, and cannot look anything up', async () => {
    const { id } = await app.tenant();
    const sender = await app.key(id, ['SEND']);
    const parts = 'id deliveries { nodes { phoneNumber } } timeline { kind }';
    const document = `mutation { sendSms(input: { to: ["+33612345678"], text: "Bonjour" }) { ... on Message { ${parts} } } }`;
    const { sendSms } = await sender.run<{ sendSms: { id: string; deliveries: { nodes: unknown[] } } }>(document);
    expect(sendSms.deliveries.nodes).toEqual([{ phoneNumber: '+33612345678' }]);
    const { errors } = await sender.ask('query ($id: ID!) { message(id: $id) { status } }', { id: sendSms.id });
    expect(errors.map(error => error.extensions.code)).toEqual(['FORBIDDEN']);
  });
});
