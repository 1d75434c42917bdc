import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const source = { conditions: ['@sheaf/source', 'node'] };

/** Long enough for a machine that does ten other things: a limit finds what hangs, not what is slow. */
const TIMEOUT_MS = 300_000;

/**
 * A project runs the tests of one package against the sources of all the others. Its files share the modules that a process has
 * loaded, which hold no state: to load them for each file took as long as the tests of it.
 */
function project(name: string, include: string[], globalSetup: string[] = []) {
  return {
    resolve: source,
    ssr: { resolve: source },
    environments: { __vitest__: { resolve: source } },
    test: {
      name,
      include,
      globalSetup,
      isolate: false,
      testTimeout: TIMEOUT_MS,
      hookTimeout: TIMEOUT_MS,
    },
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
      project('workflow', ['packages/workflow/**/*.test.ts']),
      project('bundle', ['packages/bundle/**/*.test.ts']),
      project('client', ['packages/client/**/*.test.ts']),
      project('engine', ['packages/engine/**/*.test.ts']),
      project('cli', ['packages/cli/**/*.test.ts']),
      project(
        'registry',
        ['services/registry/**/*.test.ts'],
        ['services/registry/test/support/global-setup.ts'],
      ),
      ...(hasPostgres15
        ? [
            project('registry-postgres-15', ON_POSTGRES_15, [
              'services/registry/test/support/global-setup-15.ts',
            ]),
          ]
        : []),
      project('e2e', ['test/**/*.test.ts'], ['test/support/global-setup.ts']),
      project('bench', ['bench/**/*.test.ts']),
    ],
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'json-summary', 'html'],
      include: ['packages/*/src/**/*.ts', 'services/*/src/**/*.{ts,tsx}', 'migrations/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/testing/**', '**/islands/**'],
    },
  },
});
