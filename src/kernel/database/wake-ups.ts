import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import pg from 'pg';
import { AppConfig } from '../config/app-config.js';

const CHANNEL = 'relais_wake_up';
const RECONNECT_MS = 1_000;
const CONNECT_MS = 5_000;

/**
 * Tells waiting workers, in this process at once and in others by NOTIFY, that there is work. Only a hint: every worker
 * also sweeps, so a lost notice costs a moment and never a message. Notices are sent outside the busy transactions, and
 * many become one (a NOTIFY inside takes a lock all commits share).
 */
@Injectable()
export class WakeUps implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(WakeUps.name);
  private readonly sleepers = new Map<string, Set<() => void>>();
  private readonly unsent = new Set<string>();
  private client: pg.Client | null = null;
  private reconnect: NodeJS.Timeout | null = null;
  private sending = false;
  private stopping = false;

  constructor(private readonly config: AppConfig) {}

  on(topic: string, wake: () => void): void {
    const sleepers = this.sleepers.get(topic) ?? new Set();
    this.sleepers.set(topic, sleepers.add(wake));
  }

  announce(topic: string): void {
    this.wake(topic);
    this.unsent.add(topic);
    void this.flush();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.connect();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    if (this.reconnect !== null) clearTimeout(this.reconnect);
    await this.client?.end().catch(() => undefined);
  }

  private wake(topic: string): void {
    for (const wake of this.sleepers.get(topic) ?? []) wake();
  }

  private async flush(): Promise<void> {
    if (this.sending || this.client === null) return;
    this.sending = true;
    try {
      while (this.unsent.size > 0) {
        const topics = [...this.unsent];
        this.unsent.clear();
        for (const topic of topics) await this.client.query('select pg_notify($1, $2)', [CHANNEL, topic]);
      }
    } catch (error) {
      this.log.debug({ message: 'a wake-up was not sent; sweeps will find the work', error });
    } finally {
      this.sending = false;
    }
  }

  private async connect(): Promise<void> {
    const url = this.config.databaseDirectUrl ?? this.config.databaseUrl;
    const client = new pg.Client({
      connectionString: url ?? undefined,
      application_name: 'relais-wake-ups',
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    });
    client.on('error', () => undefined);
    client.on('end', () => this.lost(client));
    client.on('notification', notice => this.wake(notice.payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.client = client;
      // Whatever was announced while nobody listened.
      for (const topic of this.sleepers.keys()) this.wake(topic);
    } catch (error) {
      this.log.debug({ message: 'not listening for wake-ups; sweeps go on', error });
      await client.end().catch(() => undefined);
      this.connectLater();
    }
  }

  private lost(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = null;
    this.connectLater();
  }

  private connectLater(): void {
    if (this.stopping || this.reconnect !== null) return;
    this.reconnect = setTimeout(() => {
      this.reconnect = null;
      void this.connect();
    }, RECONNECT_MS);
  }
}
