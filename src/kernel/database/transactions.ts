import { Injectable } from '@nestjs/common';
import pg, { type PoolClient, type QueryResult, type QueryResultRow } from 'pg';
import { DataSource, QueryFailedError } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import type { TenantId } from '../tenant-id.js';
import { DatabaseUnavailable, isDatabaseUnavailable, isDeadlock } from './database-unavailable.js';
import { transactionSettings } from './session-settings.js';

const DEADLOCK_RETRIES = 3;

/**
 * An open transaction that sees the rows of its tenants and no others. Stores take it as their first argument. Statements that
 * are asked for without waiting for one another travel together and run in that order; where one fails, so do all after it.
 */
export class Tx {
  private readonly atTheEnd: (() => Promise<void>)[] = [];
  private readonly afterwards: (() => void)[] = [];
  private over = false;
  private failed: unknown = null;

  constructor(
    private readonly connection: PoolClient,
    private readonly named: boolean,
  ) {}

  /** All rows of any statement, an UPDATE … RETURNING included. `T` is what the SQL beside the call returns. */
  async rows<T>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    const result = await this.ask(sql, parameters);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what comes back is what the SQL beside the call says
    return result.rows as T[];
  }

  /**
   * The same for a statement of the hot paths that has one good plan whatever it is asked with (it inserts, or looks up a whole
   * key): it is read and planned once for a connection. Others are planned each time, by what they are asked with.
   */
  async prepared<T>(sql: string, parameters: readonly unknown[]): Promise<T[]> {
    const result = await this.ask(sql, parameters, this.named ? nameOf(sql) : undefined);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    return result.rows as T[];
  }

  async first<T>(sql: string, parameters: readonly unknown[] = []): Promise<T | null> {
    const [row] = await this.rows<T>(sql, parameters);
    return row ?? null;
  }

  /** How many rows a statement touched. */
  async count(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    const result = await this.ask(sql, parameters);
    return result.rowCount ?? 0;
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

  /** From now on it takes no statement: the connection is somebody else's soon. */
  close(): void {
    this.over = true;
  }

  private async ask(text: string, parameters: readonly unknown[], name?: string): Promise<QueryResult<QueryResultRow>> {
    if (this.over) throw new Error('a statement came after its transaction had ended');
    const values = [...parameters];
    try {
      return await this.connection.query(name === undefined ? { text, values } : { name, text, values });
    } catch (error) {
      // Of statements that travelled together the first that failed is the one to tell: the others were only not run.
      this.failed ??= error instanceof Error ? new QueryFailedError(text, values, error) : error;
      throw this.failed;
    }
  }
}

const names = new Map<string, string>();

function nameOf(sql: string): string {
  const name = names.get(sql) ?? `relais_${names.size + 1}`;
  names.set(sql, name);
  return name;
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
    try {
      return await this.connected(async connection => {
        try {
          return await statement(this.on(connection));
        } catch (error) {
          // A connection that was lost is known to be once it has answered nothing: else the pool would hand it on.
          await connection.query('rollback').catch(() => undefined);
          throw error;
        }
      });
    } catch (error) {
      throw isDatabaseUnavailable(error) ? new DatabaseUnavailable(error) : error;
    }
  }

  private once<T>(tenants: readonly TenantId[], work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.connected(async connection => {
      const tx = this.on(connection);
      try {
        const result = await this.begun(connection, tenants, async () => work(tx));
        await tx.ending();
        tx.close();
        const { command } = await connection.query('commit');
        // What the server answers to the commit of a transaction in which something failed, though nobody minded.
        if (command !== 'COMMIT') throw new Error('a transaction was rolled back: a statement in it had failed');
        tx.committed();
        return result;
      } catch (error) {
        tx.close();
        // The first error is the one to tell; a rollback on a dead connection has nothing to add.
        await connection.query('rollback').catch(() => undefined);
        throw error;
      }
    });
  }

  /**
   * The beginning is not waited for before the work's first statements are sent: they travel with it. Had it failed, they would
   * run without a tenant, see nothing and write nothing. Where no tenant is named it is waited for, and behind a pooler, where it
   * also says as whom they run.
   */
  private async begun<T>(connection: PoolClient, tenants: readonly TenantId[], work: () => Promise<T>): Promise<T> {
    const beginning = connection.query(this.beginning(tenants));
    if (tenants.length === 0 || this.settings !== null) await beginning;
    const [began, worked] = await Promise.allSettled([beginning, work()]);
    if (began.status === 'rejected') throw began.reason;
    if (worked.status === 'rejected') throw worked.reason;
    return worked.value;
  }

  /** Local to the transaction, all of it: the connection may serve another tenant's, or another process's, right after. */
  private beginning(tenants: readonly TenantId[]): string {
    const settings = { ...(tenants.length > 0 && { 'app.tenant_ids': tenants.join(',') }), ...this.settings };
    const set = Object.entries(settings).map(([name, value]) => `set local ${name} = ${pg.escapeLiteral(value)}`);
    return ['begin', ...set].join('; ');
  }

  private async connected<T>(work: (connection: PoolClient) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const connection: PoolClient = await runner.connect();
      return await work(connection);
    } finally {
      await runner.release();
    }
  }

  private on(connection: PoolClient): Tx {
    // A pooler gives a connection to others, who know other statements by these names, or lacks them.
    return new Tx(connection, this.settings === null);
  }
}
