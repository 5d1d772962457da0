import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Processes that are killed, for so many seconds (CHAOS_SECONDS); alone on the machine, for it is a matter of time. */
const chaos = (name: string, seconds: string) => ({
  extends: true as const,
  test: {
    name,
    include: ['test/chaos/**/*.test.ts'],
    env: { CHAOS_SECONDS: process.env['CHAOS_SECONDS'] ?? seconds },
    testTimeout: 900_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});

/** Three sizes: unit (pure), medium (real Postgres), e2e (stories over HTTP); and chaos. */
export default defineConfig({
  root,
  // Vite would take graphql's ESM build and Node its CommonJS one: two copies that do not know each other's types.
  resolve: { alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }] },
  test: {
    allowOnly: false,
    expect: { requireAssertions: true },
    coverage: { include: ['src/**'] },
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'medium',
          include: ['test/medium/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 3,
        },
      },
      chaos('chaos', '20'),
      chaos('chaos-long', '300'),
    ],
  },
});
