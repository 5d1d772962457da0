import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AppConfig } from '../kernel/index.js';
import { SendWindows } from './send-windows.js';
import { Ticker } from './ticker.js';

@Module({
  imports: [ScheduleModule.forRoot()],
  providers: [
    {
      provide: SendWindows,
      inject: [AppConfig],
      useFactory: (config: AppConfig) =>
        new SendWindows({ policy: config.sendPolicy, abroadTimeZone: config.abroadTimeZone }),
    },
    Ticker,
  ],
  exports: [SendWindows, Ticker],
})
export class SchedulingModule {}
