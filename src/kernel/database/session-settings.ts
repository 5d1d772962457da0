import type { AppConfig } from '../config/app-config.js';

export const STATEMENT_MS = 30_000;

/** The least a connection must be to work: it owns nothing, and row-level security binds it. */
export const APP_ROLE = 'relais_app';

/** What holds for everything that Relais asks of the database. */
const LIMITS = { statement_timeout: String(STATEMENT_MS), idle_in_transaction_session_timeout: '15000' } as const;

/** Given at the connection, where it is Relais's own: the limits, and the lesser role where the URL's user is the owner. */
export function sessionOptions(asAppRole: boolean): string {
  const settings = {
    ...LIMITS,
    tcp_keepalives_idle: '30',
    tcp_keepalives_interval: '10',
    tcp_keepalives_count: '3',
    ...(asAppRole && { role: APP_ROLE }),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/**
 * Behind a pooler in transaction mode (DATABASE_DIRECT_URL says that there is one) a session is anybody's, and options of a
 * connection are refused or dropped: there each transaction sets the same for itself, in its first statement. Null: it need not.
 */
export function transactionSettings(config: AppConfig): Readonly<Record<string, string>> | null {
  if (config.databaseDirectUrl === null) return null;
  return { ...LIMITS, ...(config.databaseMigrationUrl === null && { role: APP_ROLE }) };
}
