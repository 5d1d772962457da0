import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltRelais, emptyFolder } from '../support/built-relais.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CODEGEN = join(ROOT, 'node_modules/@graphql-codegen/cli/esm/bin.js');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** A copy of the example inside the repository, so that it finds the packages there. */
let folder: string;
let database: TestDatabase;
beforeAll(async () => {
  await mkdir(join(ROOT, 'dist'), { recursive: true });
  folder = await mkdtemp(join(ROOT, 'dist/typed-client-'));
  await cp(join(ROOT, 'examples/typed-client'), folder, { recursive: true });
  await rm(join(folder, 'generated'), { recursive: true, force: true });
  database = await createDatabase();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await database.drop();
});

const inExample = (args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, [...args], { cwd: folder });
const compile = (): Promise<unknown> => inExample([TSC, '--outDir', join(folder, 'out')]);

test('the example client is generated from schema.gql, compiles, and follows an SMS to its end', async () => {
  await inExample([CODEGEN]);
  await compile();
  const home = await emptyFolder();
  const masterKey = Buffer.alloc(32, 7).toString('base64');
  const relais = BuiltRelais.run(home.path, { DATABASE_URL: database.ownerUrl, MASTER_KEY: masterKey });
  try {
    const url = await relais.up();
    const { stdout } = await inExample([
      join(folder, 'out/main.js'),
      url,
      relais.key('Demo tenant key'),
      '+33612345678',
    ]);
    expect(stdout).toMatch(/^\d+ accepted for 0\.0\d+ EUR\n/);
    expect(stdout).toMatch(/COMPLETED, 1 delivered\n\+33612345678: DELIVERED\n$/);
  } finally {
    await relais.stop();
    await home.remove();
  }
});

test('a field that Relais does not have is found when generating, and a wrong use of one when compiling', async () => {
  const main = join(folder, 'main.ts');
  const good = await readFile(main, 'utf8');
  await writeFile(main, good.replace('deliveries(first: 10)', 'recipients(first: 10)'));
  await expect(inExample([CODEGEN])).rejects.toThrow('no files were generated');
  await writeFile(main, good.replace("category: 'TRANSACTIONAL'", "category: 'URGENT'"));
  await inExample([CODEGEN]);
  await expect(compile()).rejects.toMatchObject({ stdout: expect.stringContaining(`'"URGENT"' is not assignable`) });
});
