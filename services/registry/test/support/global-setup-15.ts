import type { TestProject } from 'vitest/node';
import { providePostgres } from './global-setup.js';

/** Where Debian puts the oldest PostgreSQL that is supported. */
const BIN = '/usr/lib/postgresql/15/bin';

/** The same as for the other tests, on the oldest PostgreSQL that is supported. */
export function setup(project: TestProject): Promise<() => Promise<void>> {
  return providePostgres(project, { initdb: `${BIN}/initdb`, postgres: `${BIN}/postgres`, major: 15 });
}
