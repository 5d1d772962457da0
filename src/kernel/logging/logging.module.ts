import { Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AppConfig } from '../config/app-config.js';
import { loggedError } from './scrub.js';

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
          serializers: { err: loggedError, error: loggedError },
          redact: ['req.headers', 'res.headers'],
        },
      }),
    }),
  ],
})
export class LoggingModule {}
