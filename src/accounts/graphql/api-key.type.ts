import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { Category } from '../../kernel/index.js';
import { CategoryEnum, DateTimeScalar, enumOf } from '../../kernel/graphql/index.js';
import type { ApiKey } from '../api-key.js';
import type { IssuedKey } from '../issue-api-key.js';
import { type Scope, SCOPES } from '../scope.js';
import { TenantType } from './tenant.type.js';

export const ScopeEnum = enumOf(SCOPES);
registerEnumType(ScopeEnum, { name: 'Scope' });

@ObjectType('ApiKey')
export class ApiKeyType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  name: string;

  @Field(() => String, { description: 'The first characters, enough to recognise it.' })
  prefix: string;

  @Field(() => [ScopeEnum])
  scopes: Scope[];

  @Field(() => CategoryEnum, {
    nullable: true,
    description: "For the HTTP API, which has no category of its own. Null: the tenant's.",
  })
  defaultCategory: Category | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The addresses and CIDRs it may be used from. Null: from anywhere.',
  })
  allowedIps: string[] | null;

  @Field(() => DateTimeScalar)
  createdAt: Date;

  @Field(() => DateTimeScalar, { nullable: true })
  expiresAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  lastUsedAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true })
  revokedAt: Date | null;
}

@ObjectType('IssuedApiKey')
export class IssuedApiKeyType {
  @Field(() => ApiKeyType)
  apiKey: ApiKeyType;

  @Field(() => String)
  secret: string;
}

@ObjectType('Viewer')
export class ViewerType {
  @Field(() => TenantType, { nullable: true })
  tenant: TenantType | null;

  @Field(() => ApiKeyType)
  apiKey: ApiKeyType;

  @Field(() => [ScopeEnum])
  scopes: Scope[];
}

export const toApiKey = (key: ApiKey): ApiKeyType =>
  Object.assign(new ApiKeyType(), {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    defaultCategory: key.defaultCategory,
    allowedIps: key.allowedIps && [...key.allowedIps],
    createdAt: key.createdAt,
    expiresAt: key.expiresAt,
    lastUsedAt: key.lastUsedAt,
    revokedAt: key.revokedAt,
  });

export const toIssuedApiKey = (issued: IssuedKey): IssuedApiKeyType =>
  Object.assign(new IssuedApiKeyType(), { apiKey: toApiKey(issued.apiKey), secret: issued.secret });
