import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The foreign key of submissions costs a look at messages for each row, by a plan that each connection keeps: one made while
 * messages were few reads them all, and a batch of 10,000 then took 10 to 30 s until the next analysis of the table. A message
 * is written in the same transaction as its submissions, and only the sandbox's purge removes any, together.
 */
export class HotPaths1768089600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table submissions drop constraint submissions_message');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'alter table submissions add constraint submissions_message foreign key (tenant_id, message_id) references messages (tenant_id, id)',
    );
  }
}
