import { Controller, Get, Header, Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

/** What operators watch, by Prometheus's names; no tenant and no phone number is a label. Of this process, since it started. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly accountAlarms = new Counter({
    name: 'relais_provider_account_alarms_total',
    help: 'Times that a provider account was found to refuse to send: once when it begins, then once a failed probe.',
    registers: [this.registry],
  });

  readonly receipts = new Counter({
    name: 'relais_receipts_total',
    help: 'Delivery receipts by what became of them: applied, redundant, unknown (names nobody of its attempt), unreadable.',
    labelNames: ['end'],
    registers: [this.registry],
  });

  readonly webhookCalls = new Counter({
    name: 'relais_webhook_calls_total',
    help: "Calls to tenants' own addresses by what followed: delivered, retried, failed (given up).",
    labelNames: ['end'],
    registers: [this.registry],
  });

  readonly attempts = new Counter({
    name: 'relais_attempts_total',
    help: 'Provider calls by outcome; unknown ones are in doubt.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
}

/** For Prometheus. */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  show(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
