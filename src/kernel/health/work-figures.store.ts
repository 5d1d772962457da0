import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Tx } from '../database/transactions.js';

/** Over all tenants. Null: nothing of the kind is due. */
export interface Figures {
  readonly unconfirmed: number;
  readonly webhookBacklog: number;
  readonly oldestRelease: Date | null;
  readonly oldestSend: Date | null;
  readonly oldestReceipt: Date | null;
  readonly oldestWebhook: Date | null;
}

@Injectable()
export class WorkFiguresStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Needs no tenant (a named function answers). */
  async read(tx: Tx, provider: string, now: Date): Promise<Figures> {
    const figures = await tx.first<Figures>(
      `select unconfirmed, webhook_backlog as "webhookBacklog", oldest_release as "oldestRelease", oldest_send as "oldestSend",
              oldest_receipt as "oldestReceipt", oldest_webhook as "oldestWebhook" from work_figures($1, $2)`,
      [provider, now],
    );
    if (figures === null) throw new Error('the function work_figures answered nothing');
    return figures;
  }

  /** How many migrations that this build knows the database does not have. */
  async missingMigrations(tx: Tx): Promise<number> {
    const applied = new Set((await tx.rows<{ name: string }>('select name from migrations')).map(({ name }) => name));
    return this.dataSource.migrations.filter(({ name, constructor }) => !applied.has(name ?? constructor.name)).length;
  }
}
