import { DataSource, MigrationExecutor } from 'typeorm';
import { APP_ROLE, dataSourceOptions, SYSTEM_ROLE } from './data-source.js';

// Any number that only migrations of Relais use.
const LOCK = 7_352_470_001;

/**
 * Brings the schema up to date as its owner, and says how many migrations that took. Safe when several processes start at
 * once: one works, the others wait.
 */
export async function migrate(ownerUrl: string): Promise<number> {
  const dataSource = await new DataSource(
    dataSourceOptions({ url: ownerUrl, asAppRole: false, poolSize: 1 }),
  ).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    // Neither a long migration nor the wait for another process's is a statement gone wrong.
    await runner.query('set statement_timeout = 0');
    await runner.query('select pg_advisory_lock($1)', [LOCK]);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    return (await executor.executePendingMigrations()).length;
  } finally {
    await runner.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    await runner.release();
    await dataSource.destroy();
  }
}

interface Role {
  readonly name: string;
  readonly bypasses: boolean;
  readonly owns: boolean;
  readonly system: boolean;
  readonly granted: boolean;
}

/**
 * Who owns a table or bypasses row-level security walks through the wall between tenants, so Relais does not work as
 * such a role. Throws with how to mend it.
 */
export async function checkAppRole(url: string, asAppRole: boolean): Promise<void> {
  // Without options of the connection where no role is to be taken on: a pooler would refuse them.
  const connecting = { url, asAppRole, poolSize: 1, pooled: !asAppRole };
  const dataSource = await new DataSource(dataSourceOptions(connecting)).initialize();
  try {
    const [role] = await dataSource.query<Role[]>(
      `select rolname as name, (rolsuper or rolbypassrls) as bypasses,
              exists (select 1 from pg_tables t where t.schemaname = 'public' and t.tablename = 'messages'
                         and pg_has_role(t.tableowner, 'member')) as owns,
              pg_has_role($2, 'member') as system,
              pg_has_role($1, 'usage') as granted
         from pg_roles where rolname = current_user`,
      [APP_ROLE, SYSTEM_ROLE],
    );
    if (role === undefined || role.bypasses || role.owns || role.system) {
      throw new Error(
        'DATABASE_URL must name a role that is no superuser, has no BYPASSRLS, owns no table of Relais and is member of ' +
          `no role that does: create one and run "GRANT ${APP_ROLE} TO" it`,
      );
    }
    if (!role.granted) {
      throw new Error(`the role of DATABASE_URL may do nothing in this database yet: run "GRANT ${APP_ROLE} TO" it`);
    }
  } finally {
    await dataSource.destroy();
  }
}
