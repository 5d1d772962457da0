import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedDatabase } from '../../src/kernel/embedded-postgres/embedded-database.js';
import { migrate } from '../../src/migrate.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The owner's URL of the migrated template database, which test files clone. */
    readonly templateUrl: string;
  }
}

let stop: () => Promise<void>;

/** One real PostgreSQL for a project's run, with a migrated template. Its data need not survive a power cut. */
export async function setup(project: TestProject): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'relais-test-'));
  const flags = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];
  const database = await startEmbeddedDatabase(dataDir, flags);
  await migrate(database.ownerUrl);
  project.provide('templateUrl', database.ownerUrl);
  stop = async () => {
    await database.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}

export async function teardown(): Promise<void> {
  await stop();
}
