import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Clock, SystemClock } from './clock.js';
import { AppConfig } from './config/app-config.js';
import { dieAt } from './crash-points.js';
import { Transactions } from './database/transactions.js';
import { Notices } from './database/notices.js';
import { WakeUps } from './database/wake-ups.js';
import { GraphqlSetupModule } from './graphql/graphql-setup.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpAnswers } from './http/http-answers.js';
import { Ids, RandomIds } from './ids.js';
import { LoggingModule } from './logging/logging.module.js';
import { Metrics } from './metrics.js';

/** What every module speaks: configuration, time, chance, transactions, wake-ups, GraphQL, logging. */
@Global()
@Module({})
export class KernelModule {
  static with(config: AppConfig): DynamicModule {
    dieAt(config.crashAt);
    return {
      module: KernelModule,
      imports: [LoggingModule, GraphqlSetupModule, HealthModule],
      providers: [
        { provide: AppConfig, useValue: config },
        { provide: Clock, useClass: SystemClock },
        { provide: Ids, useClass: RandomIds },
        { provide: APP_FILTER, useClass: HttpAnswers },
        Transactions,
        Notices,
        WakeUps,
        Metrics,
      ],
      exports: [GraphqlSetupModule, AppConfig, Clock, Ids, Transactions, Notices, WakeUps, Metrics],
    };
  }
}
