import { Injectable } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import type { TenantId } from '../tenant-id.js';
import { DatabaseUnavailable, isDatabaseUnavailable, isDeadlock } from './database-unavailable.js';
import { transactionSettings } from './session-settings.js';

const DEADLOCK_RETRIES = 3;

/** An open transaction that sees the rows of its tenants and no others. Stores take it as their first argument. */
export class Tx {
  private readonly atTheEnd: (() => Promise<void>)[] = [];
  private readonly afterwards: (() => void)[] = [];

  constructor(private readonly runner: QueryRunner) {}

  /** All rows of any statement, an UPDATE … RETURNING included. `T` is what the SQL beside the call returns. */
  async rows<T>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    const result = await this.runner.query(sql, [...parameters], true);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what comes back is what the SQL beside the call says
    return result.records as T[];
  }

  async first<T>(sql: string, parameters: readonly unknown[] = []): Promise<T | null> {
    const [row] = await this.rows<T>(sql, parameters);
    return row ?? null;
  }

  /** How many rows a statement touched. */
  async count(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    const result = await this.runner.query(sql, [...parameters], true);
    return result.affected ?? 0;
  }

  /**
   * Runs inside this transaction when all its other work is done: for what tells of the work as a whole, and sees its rows as
   * they are committed.
   */
  beforeCommit(action: () => Promise<void>): void {
    this.atTheEnd.push(action);
  }

  async ending(): Promise<void> {
    // What one of them adds runs too.
    for (const action of this.atTheEnd) await action();
  }

  /** Runs once this transaction is committed; not at all when it is rolled back. */
  afterCommit(action: () => void): void {
    this.afterwards.push(action);
  }

  committed(): void {
    for (const action of this.afterwards) action();
  }

  /** From now on this transaction sees the rows of these tenants: for work that learns on the way whose it is. */
  async admit(tenants: readonly TenantId[]): Promise<void> {
    await this.rows(`select set_config('app.tenant_ids', $1, true)`, [tenants.join(',')]);
  }
}

/**
 * The only place that opens transactions; only use cases do. Row-level security sees exactly the tenants named here, for
 * this transaction alone (set_config … local), so a pooled connection carries nothing over. No network inside.
 */
@Injectable()
export class Transactions {
  private readonly settings: Readonly<Record<string, string>> | null;

  constructor(
    private readonly dataSource: DataSource,
    config: AppConfig,
  ) {
    this.settings = transactionSettings(config);
  }

  /** Runs `work` for one tenant, several (a batch) or none (platform tables and the named functions only). */
  async run<T>(tenants: TenantId | readonly TenantId[], work: (tx: Tx) => Promise<T>): Promise<T> {
    const admitted = typeof tenants === 'string' ? [tenants] : tenants;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(admitted, work);
      } catch (error) {
        if (isDeadlock(error) && attempt < DEADLOCK_RETRIES) continue;
        throw isDatabaseUnavailable(error) ? new DatabaseUnavailable(error) : error;
      }
    }
  }

  /**
   * One statement that names no tenant (a function for what has none yet), without a transaction round it: one round trip
   * in place of three. Whatever else it asked for, row-level security would show nothing.
   */
  async alone<T>(statement: (tx: Tx) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await statement(new Tx(runner));
    } catch (error) {
      throw isDatabaseUnavailable(error) ? new DatabaseUnavailable(error) : error;
    } finally {
      await runner.release();
    }
  }

  private async once<T>(tenants: readonly TenantId[], work: (tx: Tx) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      const tx = new Tx(runner);
      await this.begin(tx, tenants);
      const result = await work(tx);
      await tx.ending();
      await runner.commitTransaction();
      tx.committed();
      return result;
    } catch (error) {
      // The first error is the one to tell; a rollback on a dead connection has nothing to add.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** Local to the transaction, all of it: the connection may serve another tenant's, or another process's, right after. */
  private async begin(tx: Tx, tenants: readonly TenantId[]): Promise<void> {
    if (this.settings === null) {
      if (tenants.length > 0) await tx.admit(tenants);
      return;
    }
    const settings = Object.entries({ 'app.tenant_ids': tenants.join(','), ...this.settings });
    const set = settings.map((_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`);
    await tx.rows(`select ${set.join(', ')}`, settings.flat());
  }
}
