import type { DataSourceOptions, Logger } from 'typeorm';
import { Initial1767225600000 } from '../migrations/1767225600000-initial.js';
import { DropIn1767312000000 } from '../migrations/1767312000000-drop-in.js';
import { Doubt1767484800000 } from '../migrations/1767484800000-doubt.js';
import { Webhooks1767571200000 } from '../migrations/1767571200000-webhooks.js';
import { Replies1767657600000 } from '../migrations/1767657600000-replies.js';
import { Figures1767744000000 } from '../migrations/1767744000000-figures.js';
import { KeysAndAudit1767830400000 } from '../migrations/1767830400000-keys-and-audit.js';
import { Live1767916800000 } from '../migrations/1767916800000-live.js';
import { Retention1768003200000 } from '../migrations/1768003200000-retention.js';
import { HotPaths1768089600000 } from '../migrations/1768089600000-hot-paths.js';
import { CallsTogether1768176000000 } from '../migrations/1768176000000-calls-together.js';
import { ApiKeyRow } from './accounts/api-key.entity.js';
import { AuditEntryRow } from './accounts/audit-entry.entity.js';
import { ProviderCredentialRow } from './accounts/provider-credential.entity.js';
import { TenantRow } from './accounts/tenant.entity.js';
import { BalanceRow } from './billing/balance.entity.js';
import { LedgerEntryRow } from './billing/ledger-entry.entity.js';
import { PriceRow } from './billing/price.entity.js';
import { ReceiptRow } from './callbacks/receipt.entity.js';
import { ReplyPostRow } from './callbacks/replies/reply-post.entity.js';
import { ReplyRow } from './callbacks/replies/reply.entity.js';
import { WebhookDeliveryRow } from './callbacks/outgoing/webhook-delivery.entity.js';
import { WebhookRow } from './callbacks/webhooks/webhook.entity.js';
import { AttemptRow } from './messaging/leaving/attempt.entity.js';
import { ProviderBlockRow } from './messaging/leaving/provider-block.entity.js';
import { RateLimitRow } from './messaging/leaving/rate-limit.entity.js';
import { AttemptSubmissionRow } from './messaging/leaving/attempt-submission.entity.js';
import { BatchRow } from './messaging/batches/batch.entity.js';
import { DeliveryRow } from './messaging/delivery.entity.js';
import { IdempotencyRecordRow } from './messaging/asking/idempotency-record.entity.js';
import { MessageRow } from './messaging/message.entity.js';
import { OptOutRow } from './messaging/opt-outs/opt-out.entity.js';
import { OptOutRemovalRow } from './messaging/opt-outs/opt-out-removal.entity.js';
import { OptOutSyncRow } from './messaging/opt-outs/opt-out-sync.entity.js';
import { APP_ROLE, GatheringSocket, sessionOptions, STATEMENT_MS } from './kernel/index.js';
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
  BatchRow,
  MessageRow,
  SubmissionRow,
  DeliveryRow,
  AttemptRow,
  AttemptSubmissionRow,
  ProviderBlockRow,
  RateLimitRow,
  OptOutRow,
  OptOutRemovalRow,
  OptOutSyncRow,
  IdempotencyRecordRow,
  TimelineEventRow,
  ReceiptRow,
  ReplyRow,
  ReplyPostRow,
  WebhookDeliveryRow,
  WebhookRow,
];
const MIGRATIONS = [
  Initial1767225600000,
  DropIn1767312000000,
  Doubt1767484800000,
  Webhooks1767571200000,
  Replies1767657600000,
  Figures1767744000000,
  KeysAndAudit1767830400000,
  Live1767916800000,
  Retention1768003200000,
  HotPaths1768089600000,
  CallsTogether1768176000000,
];

const nothing = (): void => undefined;
/** TypeORM writes failed migrations to the console even so, beside the JSON log; the error itself tells them. */
const SILENT: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

const CONNECT_MS = 5_000;

export { APP_ROLE };
/** Owns the functions for what has no tenant yet; nobody may be it. */
export const SYSTEM_ROLE = 'relais_system';

export interface Connecting {
  readonly url: string;
  /** Takes on the lesser role right at the connection, where the URL's own user is the owner. */
  readonly asAppRole: boolean;
  readonly poolSize: number;
  /** A pooler in transaction mode sits between: each transaction sets for itself what the connection else would. */
  readonly pooled?: boolean;
}

/** All there is to know for a data source; the schema moves by migrations alone. */
export const dataSourceOptions = ({ url, asAppRole, poolSize, pooled = false }: Connecting): DataSourceOptions => ({
  type: 'postgres',
  url,
  applicationName: 'relais',
  entities: ENTITIES,
  migrations: MIGRATIONS,
  synchronize: false,
  migrationsRun: false,
  logging: false,
  logger: SILENT,
  installExtensions: false,
  extra: {
    max: poolSize,
    connectionTimeoutMillis: CONNECT_MS,
    // A connection that was lost without a word must not keep a worker waiting, nor a vanished client its locks.
    keepAlive: true,
    // Statements that do not wait for one another are sent at once, in their order (Tx).
    pipeline: true,
    stream: () => new GatheringSocket(),
    query_timeout: STATEMENT_MS + CONNECT_MS,
    ...(!pooled && { options: sessionOptions(asAppRole) }),
  },
});
