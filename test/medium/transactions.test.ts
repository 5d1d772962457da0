import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataSourceOptions } from '../../src/data-source.js';
import { asTenantId, Transactions } from '../../src/kernel/index.js';
import { migrate } from '../../src/migrate.js';
import { createDatabase, query, type TestDatabase } from '../support/database.js';
import { configOf } from '../support/test-app.js';

const TENANT = asTenantId('01900000-0000-7000-8000-000000000001');
const ADD = 'insert into balances (tenant_id, amount) values ($1, 1)';

let database: TestDatabase;
let dataSource: DataSource;
let transactions: Transactions;
beforeAll(async () => {
  database = await createDatabase();
  await migrate(database.ownerUrl);
  // One connection: whatever a transaction leaves behind, the next one meets.
  const connecting = { url: database.ownerUrl, asAppRole: true, poolSize: 1 };
  dataSource = await new DataSource(dataSourceOptions(connecting)).initialize();
  transactions = new Transactions(dataSource, configOf({}));
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const written = (): Promise<unknown[]> => query(database.ownerUrl, 'select tenant_id from balances');

describe('statements that do not wait for one another', () => {
  test('run in the order in which they were asked', async () => {
    const seen = await transactions.run(TENANT, tx =>
      Promise.all([
        tx.rows(`select set_config('relais.test', 'one', true)`),
        tx.prepared<{ said: string }>(`select current_setting('relais.test') as said`, []),
        tx.rows(`select set_config('relais.test', 'two', true)`),
        tx.prepared<{ said: string }>(`select current_setting('relais.test') as said`, []),
      ]),
    );
    expect([seen[1], seen[3]]).toEqual([[{ said: 'one' }], [{ said: 'two' }]]);
  });

  test('fail by the first error, with nothing of the transaction kept and the connection as good as before', async () => {
    const failing = transactions.run(TENANT, tx =>
      Promise.all([tx.rows(ADD, [TENANT]), tx.prepared('select 1 / $1::integer', [0]), tx.rows(ADD, [TENANT])]),
    );
    await expect(failing).rejects.toThrow('division by zero');
    expect(await written()).toEqual([]);
    expect(await transactions.run(TENANT, tx => tx.prepared('select 1 / $1::integer as one', [1]))).toEqual([
      { one: 1 },
    ]);
  });

  test('fail by the first error also where it is told through many callers and that of another statement through none', async () => {
    for (let time = 0; time < 10; time += 1) {
      const failing = transactions.run(TENANT, tx => {
        const deep = async (callers: number): Promise<unknown> =>
          (await (callers === 0 ? tx.rows('select 1 / 0') : deep(callers - 1))) ?? null;
        return Promise.all([deep(5), tx.rows(ADD, [TENANT])]);
      });
      await expect(failing).rejects.toThrow('division by zero');
    }
  });

  test('are not committed in part, even where nobody looks at what failed', async () => {
    const careless = transactions.run(TENANT, async tx => {
      await tx.rows(ADD, [TENANT]);
      await tx.rows('select 1 / 0').catch(() => undefined);
    });
    await expect(careless).rejects.toThrow('rolled back');
    expect(await written()).toEqual([]);
  });

  test('that come after the end of their transaction are refused: the connection is somebody else’s', async () => {
    const late = Promise.withResolvers<void>();
    let straggler: Promise<unknown> | null = null;
    const failing = transactions.run(TENANT, tx => {
      straggler = late.promise.then(() => tx.rows(ADD, [TENANT]));
      return tx.rows('select 1 / 0');
    });
    await expect(failing).rejects.toThrow('division by zero');
    late.resolve();
    await expect(straggler).rejects.toThrow('after its transaction had ended');
    expect(await written()).toEqual([]);
  });
});
