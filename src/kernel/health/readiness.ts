import { setTimeout } from 'node:timers/promises';
import { HttpException, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { HealthCheckService, type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { AppConfig } from '../config/app-config.js';
import { Transactions } from '../database/transactions.js';
import { WorkFigures } from './work-figures.js';
import { WorkFiguresStore } from './work-figures.store.js';

/** A probe that hears nothing for longer counts as failed anyway. */
const ANSWER_WITHIN_MS = 3_000;

export interface ReadinessAnswer {
  readonly ready: boolean;
  /** In the shape of terminus: `error` names what failed. */
  readonly body: object;
}

/**
 * Whether requests should come here: the database answers and is migrated, work is not left lying, and this process is not
 * stopping. Says what failed, and never why in a driver's words, which name hosts and users.
 */
@Injectable()
export class Readiness implements OnModuleDestroy {
  private readonly log = new Logger(Readiness.name);
  private stopping = false;
  private wasReady = true;

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly transactions: Transactions,
    private readonly store: WorkFiguresStore,
    private readonly figures: WorkFigures,
    private readonly config: AppConfig,
  ) {}

  /** The first that an application does of its end. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  async check(): Promise<ReadinessAnswer> {
    const answer = await this.ask();
    if (answer.ready !== this.wasReady) {
      const message = answer.ready ? 'ready again' : 'not ready';
      this.log.warn({ message, ...answer.body });
    }
    this.wasReady = answer.ready;
    return answer;
  }

  private async ask(): Promise<ReadinessAnswer> {
    try {
      const result = await this.health.check([
        () => this.process(),
        () => this.within('database', this.database()),
        () => this.within('queues', this.queues()),
      ]);
      return { ready: true, body: result };
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      const told = error.getResponse();
      return { ready: false, body: typeof told === 'string' ? { status: told } : told };
    }
  }

  private process(): HealthIndicatorResult {
    const indicator = this.indicators.check('process');
    return this.stopping ? indicator.down('is stopping') : indicator.up();
  }

  private async database(): Promise<HealthIndicatorResult> {
    const missing = await this.transactions.run([], tx => this.store.missingMigrations(tx));
    const indicator = this.indicators.check('database');
    return missing === 0 ? indicator.up() : indicator.down(`lacks ${missing} migrations of this version`);
  }

  /** Calls to tenants' addresses are not among them: a dead address must not close the door to everybody. */
  private async queues(): Promise<HealthIndicatorResult> {
    const limit = this.config.readyMaxQueueAgeSeconds;
    const ages = (await this.figures.ages()).filter(({ queue }) => queue !== 'webhooks');
    const late = ages.filter(({ seconds }) => limit > 0 && seconds > limit);
    const told = Object.fromEntries(ages.map(({ queue, seconds }) => [queue, Math.round(seconds)]));
    const indicator = this.indicators.check('queues');
    return late.length === 0
      ? indicator.up({ ageSeconds: told })
      : indicator.down({ ageSeconds: told, message: `due work is older than ${limit} s` });
  }

  private async within(key: string, checking: Promise<HealthIndicatorResult>): Promise<HealthIndicatorResult> {
    const patience = new AbortController();
    const down = (message: string): HealthIndicatorResult => this.indicators.check(key).down(message);
    const tooLate = setTimeout(ANSWER_WITHIN_MS, null, { signal: patience.signal, ref: false })
      .then(() => down('did not answer in time'))
      .catch(() => down('was not waited for'));
    try {
      return await Promise.race([checking.catch(() => down('cannot be asked')), tooLate]);
    } finally {
      patience.abort();
    }
  }
}
