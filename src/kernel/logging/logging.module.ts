import { Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { requestIdHere } from './request-ids.js';
import { loggedError, scrubbedFields, scrubbedLine } from './scrub.js';

/** JSON lines on standard output. Requests are not logged one by one; whatever is logged within one carries its id. */
@Module({
  imports: [
    LoggerModule.forRootAsync({
      inject: [AppConfig],
      useFactory: (config: AppConfig) => ({
        // Its middleware would bind an id of its own, and lose it when a body comes in: see request-ids.
        forRoutes: [],
        pinoHttp: {
          level: config.logLevel,
          autoLogging: false,
          messageKey: 'message',
          serializers: { err: loggedError, error: loggedError },
          // pino-http would hand our serializer its own summary of an error instead of the error.
          wrapSerializers: false,
          hooks: {
            logMethod(line, log) {
              log.call(this, ...scrubbedLine(line));
            },
          },
          formatters: { log: scrubbedFields },
          mixin: () => {
            const requestId = requestIdHere();
            return requestId === null ? {} : { requestId };
          },
        },
      }),
    }),
  ],
})
export class LoggingModule {}
