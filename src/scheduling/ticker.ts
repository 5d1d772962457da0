import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { AppConfig, Clock } from '../kernel/index.js';

/** Something to look after every so often. A run takes what is due by `now` and leaves the rest. */
export interface PeriodicTask {
  readonly name: string;
  readonly everyMs: number;
  run(now: Date): Promise<unknown>;
}

/**
 * Runs periodic tasks, one run of each at a time; a slow run swallows the ticks it overlaps. Several processes tick
 * independently: that is safe because tasks claim their rows. Silent in a process of ROLE=api.
 */
@Injectable()
export class Ticker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(Ticker.name);
  private readonly tasks: PeriodicTask[] = [];
  private readonly running = new Map<PeriodicTask, Promise<void>>();
  private stopping = false;

  constructor(
    private readonly timers: SchedulerRegistry,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  register(task: PeriodicTask): void {
    this.tasks.push(task);
  }

  onApplicationBootstrap(): void {
    if (this.config.role === 'api') return;
    for (const task of this.tasks) {
      this.timers.addInterval(
        task.name,
        setInterval(() => void this.tick(task), task.everyMs),
      );
    }
  }

  /** Never rejects: what a task throws is logged, and its next tick comes all the same. */
  tick(task: PeriodicTask): Promise<void> {
    if (this.stopping) return Promise.resolve();
    const underway = this.running.get(task) ?? this.runOnce(task).finally(() => this.running.delete(task));
    this.running.set(task, underway);
    return underway;
  }

  /** The database closes in the hook after this one, so the last runs end here. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.running.values());
  }

  private async runOnce(task: PeriodicTask): Promise<void> {
    try {
      await task.run(this.clock.now());
    } catch (error) {
      this.log.error({ message: 'a periodic task failed; it runs again at its next tick', task: task.name, error });
    }
  }
}
