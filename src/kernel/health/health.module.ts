import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { InsideServer } from './inside-server.js';
import { Operation } from './operation.js';
import { OperationController } from './operation.controller.js';
import { Readiness } from './readiness.js';
import { WorkFigures } from './work-figures.js';
import { WorkFiguresStore } from './work-figures.store.js';
import { WorkGauges } from './work-gauges.js';

/** What operators and their machines ask a process. Failed checks are logged by Readiness, once, and not at each probe. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [OperationController],
  providers: [InsideServer, Operation, Readiness, WorkFigures, WorkFiguresStore, WorkGauges],
})
export class HealthModule {}
