import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import type { OperationLimits } from '../config/app-config.js';
import type { GraphqlContext } from './context.js';
import { problemsOf } from './operation-limits.js';

/** Over HTTP: what is too large is refused before any of it runs, with everything that is too much about it. */
export const limitsPlugin = (limits: OperationLimits): ApolloServerPlugin<GraphqlContext> => ({
  requestDidStart: () =>
    Promise.resolve({
      responseForOperation: ({ schema, document, request: { variables, operationName } }) => {
        const problems = problemsOf(schema, document, { variables, operationName, limits });
        if (problems.length === 0) return Promise.resolve(null);
        const errors = problems.map(({ message, locations, extensions: { code, reason } }) => ({
          message,
          locations: locations ?? [],
          extensions: { code, reason },
        }));
        const body = { kind: 'single' as const, singleResult: { errors } };
        return Promise.resolve({ http: { status: 400, headers: new HeaderMap() }, body });
      },
    }),
});
