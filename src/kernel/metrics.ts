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

  readonly replies = new Counter({
    name: 'relais_replies_total',
    help: 'Answers from handsets by what became of them: response, stop, repeated (the provider said it again), unreadable.',
    labelNames: ['end'],
    registers: [this.registry],
  });

  readonly callbacks = new Counter({
    name: 'relais_callbacks_total',
    help: 'Calls of the provider by kind and answer: stored, forged, expired, oversized, wrong-method, malformed, unavailable, failed.',
    labelNames: ['kind', 'end'],
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
