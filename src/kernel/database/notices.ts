import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { AppConfig } from '../config/app-config.js';

const RECONNECT_MS = 1_000;
const CONNECT_MS = 5_000;
const PAUSE_MS = 10;
/** Of what is still to be said while the database is away; beyond that it is hopeless, and nobody may rely on a notice. */
const MOST_UNSENT = 10_000;

export interface Listener {
  /** What somebody said, this process included. */
  heard(payload: string): void;
  /** Listening, for the first time or again: whatever was said meanwhile was missed. */
  listening(): void;
}

/**
 * What processes tell each other, over LISTEN and NOTIFY on one connection of its own. Only hints: one may be lost, so whoever
 * listens also looks by himself now and then. Sent outside the busy transactions, many in one statement (a NOTIFY inside takes
 * a lock that all commits share).
 */
@Injectable()
export class Notices implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(Notices.name);
  private readonly listeners = new Map<string, Listener>();
  private readonly unsent = new Map<string, readonly [channel: string, payload: string]>();
  private client: pg.Client | null = null;
  private reconnect: NodeJS.Timeout | null = null;
  private sending: Promise<void> | null = null;
  private stopping = false;

  constructor(private readonly config: AppConfig) {}

  /** One listener a channel, known before the application has started. `channel` is an SQL name. */
  listen(channel: string, listener: Listener): void {
    this.listeners.set(channel, listener);
  }

  /** At most 7,999 bytes. The same said twice before it is sent is said once. */
  send(channel: string, payload: string): void {
    if (this.unsent.size >= MOST_UNSENT) return;
    this.unsent.set(`${channel} ${payload}`, [channel, payload]);
    this.flush();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.connect();
  }

  /** After the hooks in which workers drain: what they changed at last is still told. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    if (this.reconnect !== null) clearTimeout(this.reconnect);
    while (this.sending !== null) await this.sending;
    await this.client?.end().catch(() => undefined);
  }

  private flush(): void {
    const { client } = this;
    if (client === null || this.sending !== null) return;
    this.sending = this.sendAndPause(client);
  }

  /** What comes within a moment after a notice goes together: under load each was a transaction, and woke all processes. */
  private async sendAndPause(client: pg.Client): Promise<void> {
    await Promise.all([this.sendAll(client), sleep(PAUSE_MS)]);
    this.sending = null;
    if (this.unsent.size > 0) this.flush();
  }

  private async sendAll(client: pg.Client): Promise<void> {
    const notices = [...this.unsent.values()];
    this.unsent.clear();
    try {
      await client.query(
        'select pg_notify(n.channel, n.payload) from unnest($1::text[], $2::text[]) as n (channel, payload)',
        [notices.map(([channel]) => channel), notices.map(([, payload]) => payload)],
      );
    } catch (error) {
      this.log.debug({ message: 'notices were not sent; who waits for them looks by himself', error });
    }
  }

  private async connect(): Promise<void> {
    const url = this.config.databaseDirectUrl ?? this.config.databaseUrl;
    const client = new pg.Client({
      connectionString: url ?? undefined,
      application_name: 'relais-notices',
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    });
    client.on('error', () => undefined);
    client.on('end', () => this.lost(client));
    client.on('notification', ({ channel, payload }) => this.listeners.get(channel)?.heard(payload ?? ''));
    try {
      await client.connect();
      for (const channel of this.listeners.keys()) await client.query(`listen ${channel}`);
      this.client = client;
      for (const listener of this.listeners.values()) listener.listening();
      this.flush();
    } catch (error) {
      this.log.debug({ message: 'not listening for notices; sweeps go on', error });
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
