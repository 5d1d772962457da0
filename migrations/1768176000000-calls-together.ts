import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Texts that the provider refused together, nobody named, are asked for again in smaller calls. Of what changes and is not
 * indexed by what changes, room is kept beside it, so that the new version of a row needs no new entry in each index.
 */
const CHANGING = ['deliveries', 'submissions', 'attempts'] as const;

export class CallsTogether1768176000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table submissions add column together integer');
    for (const table of CHANGING) await runner.query(`alter table ${table} set (fillfactor = 75)`);
    // By a table's statistics of a quiet hour this index was the cheapest way to whatever is queued, and read all of it for each
    // call once much was. It can only be used now where it is asked for what expires.
    await runner.query('drop index submissions_queued_expiry');
    await runner.query(
      `create index submissions_queued_expiry on submissions (expires_at) where state = 'QUEUED' and expires_at is not null`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index submissions_queued_expiry');
    await runner.query(`create index submissions_queued_expiry on submissions (expires_at) where state = 'QUEUED'`);
    for (const table of CHANGING) await runner.query(`alter table ${table} reset (fillfactor)`);
    await runner.query('alter table submissions drop column together');
  }
}
