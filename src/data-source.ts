import type { DataSourceOptions } from 'typeorm';
import { Initial1767225600000 } from '../migrations/1767225600000-initial.js';
import { ApiKeyRow } from './accounts/api-key.entity.js';
import { AuditEntryRow } from './accounts/audit-entry.entity.js';
import { ProviderCredentialRow } from './accounts/provider-credential.entity.js';
import { TenantRow } from './accounts/tenant.entity.js';
import { BalanceRow } from './billing/balance.entity.js';
import { LedgerEntryRow } from './billing/ledger-entry.entity.js';
import { PriceRow } from './billing/price.entity.js';
import { ReceiptRow } from './callbacks/receipt.entity.js';
import { ReplyRow } from './callbacks/reply.entity.js';
import { AttemptRow } from './messaging/attempt.entity.js';
import { AttemptSubmissionRow } from './messaging/attempt-submission.entity.js';
import { DeliveryRow } from './messaging/delivery.entity.js';
import { IdempotencyRecordRow } from './messaging/idempotency-record.entity.js';
import { MessageRow } from './messaging/message.entity.js';
import { OptOutRow } from './messaging/opt-out.entity.js';
import { SubmissionRow } from './messaging/submission.entity.js';
import { TimelineEventRow } from './messaging/timeline-event.entity.js';

const ENTITIES = [
  TenantRow,
  ApiKeyRow,
  ProviderCredentialRow,
  AuditEntryRow,
  BalanceRow,
  LedgerEntryRow,
  PriceRow,
  MessageRow,
  SubmissionRow,
  DeliveryRow,
  AttemptRow,
  AttemptSubmissionRow,
  OptOutRow,
  IdempotencyRecordRow,
  TimelineEventRow,
  ReceiptRow,
  ReplyRow,
];
const MIGRATIONS = [Initial1767225600000];

const CONNECT_MS = 5_000;
const STATEMENT_MS = 30_000;

/** The least a connection must be to work: it owns nothing, and row-level security binds it. */
export const APP_ROLE = 'relais_app';

export interface Connecting {
  readonly url: string;
  /** Takes on the lesser role right at the connection, where the URL's own user is the owner. */
  readonly asAppRole: boolean;
  readonly poolSize: number;
}

/** All there is to know for a data source; the schema moves by migrations alone. */
export const dataSourceOptions = ({ url, asAppRole, poolSize }: Connecting): DataSourceOptions => ({
  type: 'postgres',
  url,
  applicationName: 'relais',
  entities: ENTITIES,
  migrations: MIGRATIONS,
  synchronize: false,
  migrationsRun: false,
  logging: false,
  installExtensions: false,
  extra: {
    max: poolSize,
    connectionTimeoutMillis: CONNECT_MS,
    options: [`-c statement_timeout=${STATEMENT_MS}`, ...(asAppRole ? [`-c role=${APP_ROLE}`] : [])].join(' '),
  },
});
