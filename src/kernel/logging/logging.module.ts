import { Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { loggedError, scrubbedLine } from './scrub.js';

/** JSON lines on standard output. Requests are not logged one by one; whatever is logged within one carries its id. */
@Module({
  imports: [
    LoggerModule.forRootAsync({
      inject: [AppConfig],
      useFactory: (config: AppConfig) => ({
        pinoHttp: {
          level: config.logLevel,
          autoLogging: false,
          quietReqLogger: true,
          messageKey: 'message',
          serializers: { err: loggedError, error: loggedError },
          // pino-http would hand our serializer its own summary of an error instead of the error.
          wrapSerializers: false,
          hooks: {
            logMethod(line, log) {
              log.call(this, ...scrubbedLine(line));
            },
          },
          redact: ['req.headers', 'res.headers'],
        },
      }),
    }),
  ],
})
export class LoggingModule {}
