import { Injectable } from '@nestjs/common';
import { outsideRequests } from '../logging/request-ids.js';
import { Notices } from './notices.js';

const CHANNEL = 'relais_wake_up';

/**
 * Tells waiting workers, in this process at once and in others by notice, that there is work. Only a hint: every worker
 * also sweeps, so a lost notice costs a moment and never a message.
 */
@Injectable()
export class WakeUps {
  private readonly sleepers = new Map<string, Set<() => void>>();

  constructor(private readonly notices: Notices) {
    notices.listen(CHANNEL, { heard: topic => this.wake(topic), listening: () => this.wakeAll() });
  }

  on(topic: string, wake: () => void): void {
    const sleepers = this.sleepers.get(topic) ?? new Set();
    this.sleepers.set(topic, sleepers.add(wake));
  }

  announce(topic: string): void {
    outsideRequests(() => {
      this.wake(topic);
      this.notices.send(CHANNEL, topic);
    });
  }

  private wake(topic: string): void {
    for (const wake of this.sleepers.get(topic) ?? []) wake();
  }

  /** Whatever was announced while nobody listened. */
  private wakeAll(): void {
    for (const topic of this.sleepers.keys()) this.wake(topic);
  }
}
