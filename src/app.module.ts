import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsModule } from './accounts/index.js';
import { BillingModule } from './billing/index.js';
import { CallbacksModule } from './callbacks/index.js';
import { dataSourceOptions } from './data-source.js';
import { type AppConfig, KernelModule } from './kernel/index.js';
import { MessagingModule } from './messaging/index.js';
import { ProvidersModule } from './providers/index.js';
import { SchedulingModule } from './scheduling/index.js';
import { SmsPartnerApiModule } from './smspartner-api/index.js';

@Module({})
export class AppModule {
  /** `config.databaseUrl` is set by now: the embedded database, where it is used, runs already. */
  static with(config: AppConfig): DynamicModule {
    if (config.databaseUrl === null) throw new Error('no database to work on');
    const connecting = {
      url: config.databaseUrl,
      asAppRole: config.databaseMigrationUrl === null,
      poolSize: config.databasePoolSize,
      pooled: config.databaseDirectUrl !== null,
    };
    return {
      module: AppModule,
      imports: [
        KernelModule.with(config),
        TypeOrmModule.forRoot({ ...dataSourceOptions(connecting), retryAttempts: 1 }),
        AccountsModule,
        BillingModule,
        ProvidersModule,
        SchedulingModule,
        MessagingModule,
        CallbacksModule,
        SmsPartnerApiModule,
      ],
    };
  }
}
