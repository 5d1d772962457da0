import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export interface TestDatabase {
  readonly name: string;
  /** As the owner: made the schema, and still sees no tenant's rows (row-level security is forced, but it is a superuser here). */
  readonly ownerUrl: string;
  drop(): Promise<void>;
}

/** A fresh database, cloned from the migrated template. */
export async function createDatabase(): Promise<TestDatabase> {
  const template = new URL(inject('templateUrl'));
  const name = `test_${randomBytes(6).toString('hex')}`;
  await maintain(template, `create database ${name} template ${template.pathname.slice(1)}`);
  const own = new URL(template);
  own.pathname = `/${name}`;
  return { name, ownerUrl: own.href, drop: () => maintain(template, `drop database if exists ${name} with (force)`) };
}

/** An empty database: for tests of migrations. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const template = new URL(inject('templateUrl'));
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await maintain(template, `create database ${name}`);
  const own = new URL(template);
  own.pathname = `/${name}`;
  return { name, ownerUrl: own.href, drop: () => maintain(template, `drop database if exists ${name} with (force)`) };
}

async function maintain(template: URL, sql: string): Promise<void> {
  const url = new URL(template);
  url.pathname = '/postgres';
  await query(url.href, sql);
}

/** One statement as the owner, who as a superuser sees everything: for looking behind the scenes. */
export async function query<T extends pg.QueryResultRow>(
  url: string,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql, [...parameters])).rows;
  } finally {
    await client.end();
  }
}
