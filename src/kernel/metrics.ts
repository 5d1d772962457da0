import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/**
 * What operators watch, by Prometheus's names; no tenant and no phone number is a label. Of this process, since it started;
 * what is read from the database stands in health/work-gauges.
 */
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

  readonly receiptLag = new Histogram({
    name: 'relais_receipt_lag_seconds',
    help: "From a receipt's coming in to its being applied to its delivery.",
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
    registers: [this.registry],
  });

  readonly attempts = new Counter({
    name: 'relais_attempts_total',
    help: 'Provider calls by outcome; unknown ones are in doubt.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  readonly accepted = new Counter({
    name: 'relais_messages_accepted_total',
    help: 'Messages accepted, sandbox included.',
    registers: [this.registry],
  });

  readonly held = new Counter({
    name: 'relais_submissions_held_total',
    help: 'Times that quiet hours held a part of a message back, at acceptance or later.',
    registers: [this.registry],
  });

  readonly released = new Counter({
    name: 'relais_submissions_released_total',
    help: 'Parts of messages whose hour had come, by hold or schedule, and that were queued.',
    registers: [this.registry],
  });

  constructor() {
    // The process's own: event-loop lag, memory, garbage collection, by the names that dashboards know.
    collectDefaultMetrics({ register: this.registry });
  }
}
