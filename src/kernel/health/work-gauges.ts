import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../metrics.js';
import { WorkFigures } from './work-figures.js';

/** Read from the database when they are asked for; while it cannot be reached they are absent, and the others still there. */
@Injectable()
export class WorkGauges {
  constructor(metrics: Metrics, figures: WorkFigures) {
    const registers = [metrics.registry];
    const counted = (name: string, help: string, key: 'unconfirmed' | 'webhookBacklog'): Gauge =>
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.remove();
          const read = await figures.read().catch(() => null);
          if (read !== null) this.set(read[key]);
        },
      });
    counted(
      'relais_unconfirmed_messages',
      'Messages in doubt: the answer of a provider is not known. Over all processes, as all gauges of work.',
      'unconfirmed',
    );
    counted(
      'relais_webhook_backlog',
      "Calls to tenants' addresses that are still to be made, later attempts included; counted up to 100,000.",
      'webhookBacklog',
    );
    const age = new Gauge({
      name: 'relais_queue_age_seconds',
      help: 'How long the oldest work that could be done now has been due; 0: nothing is due. Without what waits for a suspended tenant or a blocked account.',
      labelNames: ['queue'],
      registers: [],
      async collect() {
        this.reset();
        for (const { queue, seconds } of await figures.ages().catch(() => [])) this.set({ queue }, seconds);
      },
    });
    metrics.registry.registerMetric(age);
  }
}
