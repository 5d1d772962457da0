import { Args, ArgsType, Field, ID, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { PLATFORM } from '../../kernel/index.js';
import {
  connectionTypes,
  DateTimeScalar,
  PageArgs,
  readPage,
  toConnection,
  toPage,
} from '../../kernel/graphql/index.js';
import type { AuditEntry } from '../audit-trail.store.js';
import { ReadAuditTrail } from '../read-audit-trail.js';
import { Scopes } from './scopes.js';
import { readTenantId } from './tenant-id-arg.js';

@ObjectType('AuditEntry', { description: 'Who did what to which tenant, and when. Never changed, never removed.' })
export class AuditEntryType {
  @Field(() => ID)
  id: string;

  @Field(() => DateTimeScalar)
  at: Date;

  @Field(() => String, { description: 'Such as "api-key.issued" or "tenant.suspended".' })
  action: string;

  @Field(() => ID, { nullable: true, description: 'Null: an act on the platform itself.' })
  tenantId: string | null;

  @Field(() => ID, { nullable: true, description: 'The key that did it. Null: Relais itself, on its first run.' })
  keyId: string | null;

  @Field(() => String, { nullable: true })
  keyName: string | null;

  @Field(() => String, { nullable: true })
  keyPrefix: string | null;

  @Field(() => String, { description: 'The particulars, as JSON.' })
  detail: string;
}

@ObjectType('AuditEntryConnection')
export class AuditEntryConnection extends connectionTypes('AuditEntry', AuditEntryType) {}

const toAuditEntry = (entry: AuditEntry): AuditEntryType =>
  Object.assign(new AuditEntryType(), {
    id: entry.id,
    at: entry.at,
    action: entry.action,
    tenantId: entry.tenantId === PLATFORM ? null : entry.tenantId,
    keyId: entry.keyId,
    keyName: entry.keyName,
    keyPrefix: entry.keyPrefix,
    detail: JSON.stringify(entry.detail),
  });

@ArgsType()
class AuditTrailArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  tenantId?: string | null;
}

@Resolver(() => AuditEntryType)
export class AuditTrailResolver {
  constructor(private readonly read: ReadAuditTrail) {}

  @Scopes('ADMIN')
  @Query(() => AuditEntryConnection, {
    description: 'Every administrative act, newest first: on one tenant, or on all and on the platform. ADMIN.',
  })
  async auditTrail(@Args() args: AuditTrailArgs): Promise<AuditEntryConnection> {
    const { after, limit } = readPage(args);
    const tenantId = args.tenantId == null ? null : readTenantId(args.tenantId);
    const rows = await this.read.page(tenantId, { after, limit: limit + 1 });
    return toConnection(toPage(rows, limit), row => row.id, toAuditEntry);
  }
}
