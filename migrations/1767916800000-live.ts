import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A message's version tells who watches it whether anything of it has changed. */
export class Live1767916800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table messages add column version integer not null default 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table messages drop column version');
  }
}
