import type { Postgres } from './processes/postgres.js';

const LOOK_MS = 50;
const STATEMENTS = 14;
const WAITS = 8;

const ACTIVE = `select coalesce(wait_event_type || ': ' || wait_event, 'working') as wait, count(*)::integer as count
  from pg_stat_activity where datname = $1 and application_name like 'relais%' and state <> 'idle' group by 1`;
const DEAREST = `select calls::integer as calls, round(total_exec_time)::integer as ms, left(regexp_replace(query, '\\s+', ' ', 'g'), 110) as query
  from pg_stat_statements s join pg_database d on d.oid = s.dbid
 where d.datname = $1 and s.userid <> current_user::regrole order by total_exec_time desc limit $2`;

/** What a server's connections do, looked at again and again, and its dearest statements: for --cpu-prof. */
export class Profile {
  private readonly waits = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly postgres: Postgres,
    private readonly database: string,
  ) {
    this.timer = setInterval(() => {
      this.looking = this.looking.then(() => this.look());
    }, LOOK_MS);
  }

  /** As lines to show. */
  async end(): Promise<readonly string[]> {
    clearInterval(this.timer);
    await this.looking;
    const all = [...this.waits.values()].reduce((sum, count) => sum + count, 0);
    const waits = [...this.waits].toSorted(([, a], [, b]) => b - a).slice(0, WAITS);
    const dearest = await this.postgres.query<{ calls: number; ms: number; query: string }>('postgres', DEAREST, [
      this.database,
      STATEMENTS,
    ]);
    return [
      `connections of ${this.database} that were not idle:`,
      ...waits.map(([wait, count]) => `  ${Math.round((count * 100) / all)} % ${wait}`),
      ...dearest.map(({ calls, ms, query }) => `  ${calls} calls, ${ms} ms: ${query}`),
    ];
  }

  private async look(): Promise<void> {
    const seen = await this.postgres.query<{ wait: string; count: number }>('postgres', ACTIVE, [this.database]);
    for (const { wait, count } of seen) this.waits.set(wait, (this.waits.get(wait) ?? 0) + count);
  }
}
