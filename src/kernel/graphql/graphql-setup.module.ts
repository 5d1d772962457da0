import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Logger, Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { NoSchemaIntrospectionCustomRule } from 'graphql';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../config/app-config.js';
import { contextOf } from './context.js';
import './enums.js';
import { answerError, errorAnswersPlugin } from './error-answers.js';
import { GraphiqlController, graphiqlPlugin } from './graphiql.js';
import { statusCodesPlugin } from './graphql-door.js';
import { limitsPlugin } from './limits-plugin.js';
import { MAX_TOKENS } from './max-tokens.js';
import { SocketDoor } from './sockets/socket-door.js';
import { SocketGateway } from './sockets/socket-gateway.js';
import { SocketOperations } from './sockets/socket-operations.js';

@Module({
  imports: [
    GraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: ApolloDriver,
      inject: [AppConfig],
      useFactory: (config: AppConfig): ApolloDriverConfig => ({
        path: '/graphql',
        autoSchemaFile: true,
        sortSchema: true,
        // Nest's own GraphiQL loads from a CDN and is on by default; ours is bundled.
        graphiql: false,
        // Apollo's own switch would advise callers how to configure the server; the rule below only says that it is off.
        introspection: true,
        validationRules: config.graphqlIntrospection ? [] : [NoSchemaIntrospectionCustomRule],
        includeStacktraceInErrorResponses: false,
        hideSchemaDetailsFromClientErrors: !config.graphqlIntrospection,
        csrfPrevention: true,
        parseOptions: { maxTokens: MAX_TOKENS },
        autoTransformHttpErrors: false,
        context: (request: FastifyRequest) => contextOf(request),
        formatError: answerError,
        plugins: [
          errorAnswersPlugin(new Logger('GraphQL')),
          limitsPlugin(config.graphqlLimits),
          statusCodesPlugin,
          ApolloServerPluginCacheControlDisabled(),
          ...(config.graphiql ? [graphiqlPlugin] : []),
        ],
      }),
    }),
  ],
  providers: [SocketDoor, SocketOperations, SocketGateway],
  exports: [SocketDoor],
  controllers: [GraphiqlController],
})
export class GraphqlSetupModule {}
