import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { bulkhead } from 'cockatiel';
import {
  createSourceEventStream,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type GraphQLFormattedError,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type ValidationRule,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { type GraphqlContext, socketContext } from '../context.js';
import { answerErrors } from '../error-answers.js';
import { AppConfig } from '../../config/app-config.js';
import { MAX_TOKENS } from '../max-tokens.js';
import { problemsOf } from '../operation-limits.js';
import { problemOfSource } from '../operation-source.js';
import { EventResults } from './event-results.js';
import type { SocketConnection } from './socket-connection.js';

/** Answers worked out at once, over all sockets of the process: what the many watch must not keep HTTP waiting. */
const AT_ONCE = 4;

interface Asked {
  readonly connection: SocketConnection;
  readonly context: GraphqlContext;
  readonly operationName: string | null;
}

/** As graphql-ws has it: an undefined property may stand for one that is not there. */
type Answered = { [K in keyof ExecutionResult]: ExecutionResult[K] | undefined };

type Checked =
  { readonly ok: true; readonly args: ExecutionArgs } | { readonly ok: false; readonly errors: GraphQLError[] };

/** What is asked for over a socket: subscriptions, under the same rules as what is asked for over HTTP. */
@Injectable()
export class SocketOperations {
  private readonly log = new Logger('GraphQL');
  private readonly turns = bulkhead(AT_ONCE, Infinity);
  /** Whose operations those are that graphql-ws hands back. */
  private readonly asked = new WeakMap<ExecutionArgs, Asked>();

  private readonly rules: readonly ValidationRule[];

  constructor(
    private readonly schemaHost: GraphQLSchemaHost,
    private readonly config: AppConfig,
  ) {
    this.rules = config.graphqlIntrospection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  }

  /** Refuses what cannot be read, is not valid or is no subscription: queries and mutations go over HTTP. */
  check(connection: SocketConnection, { query, variables, operationName }: SubscribePayload): Checked {
    const { schema } = this.schemaHost;
    const bottomless = problemOfSource(query);
    if (bottomless !== null) return refused([new GraphQLError(bottomless)], 'BAD_USER_INPUT');
    try {
      const document = parse(query, { maxTokens: MAX_TOKENS });
      const invalid = validate(schema, document, this.rules);
      if (invalid.length > 0) return refused(invalid, 'GRAPHQL_VALIDATION_FAILED');
      const operation = getOperationAST(document, operationName);
      if (operation?.operation !== OperationTypeNode.SUBSCRIPTION)
        return refused([notHere(operation?.operation)], 'BAD_USER_INPUT');
      const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
      if (errors !== undefined) return refused(errors, 'BAD_USER_INPUT');
      const tooMuch = problemsOf(schema, document, { variables, operationName, limits: this.config.graphqlLimits });
      if (tooMuch.length > 0) return { ok: false, errors: [...tooMuch] };
      const context = contextFor(connection);
      const args = { schema, document, operationName, variableValues: variables, contextValue: context };
      this.asked.set(args, { connection, context, operationName: operationName ?? null });
      return { ok: true, args };
    } catch (error) {
      if (error instanceof GraphQLError) return refused([error], 'GRAPHQL_PARSE_FAILED');
      throw error;
    }
  }

  async subscribe(args: ExecutionArgs): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
    const { connection } = this.askedBy(args);
    const events = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in events)) return events;
    // Each event is looked at afresh: what the one before remembered is not the state any more.
    const answer = (event: unknown): Promise<ExecutionResult> =>
      this.turns.execute(async () => execute({ ...args, rootValue: event, contextValue: contextFor(connection) }));
    return new EventResults(events[Symbol.asyncIterator](), answer, connection);
  }

  /** As it is told outside. */
  tell(args: ExecutionArgs, answered: Answered): FormattedExecutionResult {
    const { context, operationName } = this.askedBy(args);
    const { data, errors } = answered;
    const result = data === undefined ? {} : { data };
    return errors === undefined
      ? result
      : { ...result, errors: this.tellErrors(errors, context.requestId, operationName) };
  }

  tellErrors(
    errors: readonly GraphQLError[],
    requestId: string = randomUUID(),
    operationName: string | null = null,
  ): GraphQLFormattedError[] {
    return answerErrors(errors, this.log, { requestId, operationName });
  }

  private askedBy(args: ExecutionArgs): Asked {
    const asked = this.asked.get(args);
    if (asked === undefined) throw new Error('an operation that nobody asked for');
    return asked;
  }
}

const contextFor = ({ address, admission }: SocketConnection): GraphqlContext =>
  socketContext({ authorization: undefined, address }, admission?.memo ?? new Map());

function refused(errors: readonly GraphQLError[], code: string): Checked {
  return { ok: false, errors: errors.map(error => withCode(error, code)) };
}

/** A scalar that refuses a value has said its own code already. */
const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    originalError: error.originalError ?? null,
    extensions: { code, ...error.extensions },
  });

const notHere = (operation: OperationTypeNode | undefined): GraphQLError =>
  new GraphQLError(
    operation === undefined
      ? 'Say which operation: the document has several, or not the one that operationName names.'
      : `Only subscriptions go over this socket: send a ${operation} by HTTP POST.`,
  );
