import { DataSource } from 'typeorm';
import { APP_ROLE, dataSourceOptions } from './data-source.js';

// Any number that only migrations of Relais use.
const LOCK = 7_352_470_001;

/** Brings the schema up to date as its owner. Safe when several processes start at once: one works, the others wait. */
export async function migrate(ownerUrl: string): Promise<void> {
  const dataSource = await new DataSource(
    dataSourceOptions({ url: ownerUrl, asAppRole: false, poolSize: 2 }),
  ).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('set statement_timeout = 0');
    await runner.query('select pg_advisory_lock($1)', [LOCK]);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await runner.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    await runner.release();
    await dataSource.destroy();
  }
}

/**
 * Who owns a table or bypasses row-level security walks through the wall between tenants, so Relais does not work as
 * such a role. Throws with how to mend it.
 */
export async function checkAppRole(url: string, asAppRole: boolean): Promise<void> {
  const dataSource = await new DataSource(dataSourceOptions({ url, asAppRole, poolSize: 1 })).initialize();
  try {
    const [role] = await dataSource.query<{ bypasses: boolean; owns: boolean }[]>(
      `select (rolsuper or rolbypassrls) as bypasses,
              exists (select 1 from pg_tables where schemaname = 'public' and tablename = 'messages' and tableowner = current_user) as owns
         from pg_roles where rolname = current_user`,
    );
    if (role === undefined || role.bypasses || role.owns) {
      throw new Error(
        `DATABASE_URL must name a role that is no superuser, has no BYPASSRLS and owns no table: grant it "${APP_ROLE}"`,
      );
    }
  } finally {
    await dataSource.destroy();
  }
}
