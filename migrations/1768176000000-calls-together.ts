import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Texts that the provider refused together, nobody named, are asked for again in smaller calls. */
export class CallsTogether1768176000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table submissions add column together integer');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table submissions drop column together');
  }
}
