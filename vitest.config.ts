import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const source = { conditions: ['@sheaf/source', 'node'] };

/** A project runs the tests of one package against the sources of all the others. */
function project(name: string, include: string[], timeoutMs: number, globalSetup: string[] = []) {
  return {
    resolve: source,
    ssr: { resolve: source },
    environments: { __vitest__: { resolve: source } },
    test: { name, include, globalSetup, testTimeout: timeoutMs, hookTimeout: 120_000 },
  };
}

/** What touches the database most, once more on the oldest PostgreSQL that is supported, where Debian's package is installed. */
const ON_POSTGRES_15 = [
  'migrations',
  'publish',
  'log',
  'release-states',
  'releases-and-search',
  'keys/key-events',
  'gc/sweep',
  'check/check',
].map((name) => `services/registry/test/${name}.test.ts`);
const hasPostgres15 = existsSync('/usr/lib/postgresql/15/bin/postgres') || process.env['CI'] === 'true';

export default defineConfig({
  test: {
    // Most tests wait for processes and disks: on two cores, leaving one free would double the time.
    maxWorkers: '100%',
    projects: [
      project('workflow', ['packages/workflow/**/*.test.ts'], 20_000),
      project('bundle', ['packages/bundle/**/*.test.ts'], 60_000),
      project('client', ['packages/client/**/*.test.ts'], 20_000),
      project('engine', ['packages/engine/**/*.test.ts'], 60_000),
      project('cli', ['packages/cli/**/*.test.ts'], 60_000),
      project('registry', ['services/registry/**/*.test.ts'], 60_000, [
        'services/registry/test/support/global-setup.ts',
      ]),
      ...(hasPostgres15
        ? [
            project('registry-postgres-15', ON_POSTGRES_15, 60_000, [
              'services/registry/test/support/global-setup-15.ts',
            ]),
          ]
        : []),
      project('e2e', ['test/**/*.test.ts'], 180_000, ['test/support/global-setup.ts']),
      project('bench', ['bench/**/*.test.ts'], 300_000),
    ],
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'json-summary', 'html'],
      include: ['packages/*/src/**/*.ts', 'services/*/src/**/*.ts', 'migrations/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/testing/**'],
    },
  },
});
