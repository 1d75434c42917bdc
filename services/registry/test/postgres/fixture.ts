import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../../src/postgres/embedded.js';
import { findPidFile, findPostmaster } from '../../src/postgres/pidfile.js';
import { stopServer } from '../../src/postgres/stop.js';
import { startChild, type TestChild } from './child-process.js';

const run = promisify(execFile);
const CHILD = new URL('./server-child.ts', import.meta.url);

export interface ServerFixture {
  readonly dataDir: () => string;
  readonly start: (options?: Partial<EmbeddedPostgresOptions>) => Promise<EmbeddedPostgres>;
  readonly startChild: (mode?: string, options?: { readonly uid?: number }) => Promise<TestChild>;
}

/**
 * A data directory per test; whatever still runs on it afterwards is stopped. `seeded`: with a copy of one stopped cluster,
 * which is quicker than to create one.
 */
export function useServers(content: 'empty' | 'seeded'): ServerFixture {
  let template: string;
  let dir: string;
  let children: TestChild[];
  beforeAll(async () => {
    template = await mkdtemp(join(tmpdir(), 'sheaf-template-'));
    if (content === 'seeded')
      await (await startEmbeddedPostgres({ dataDir: template, durable: false })).stop();
  });
  afterAll(() => rm(template, { recursive: true, force: true }));
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sheaf-postgres-'));
    if (content === 'seeded') await run('cp', ['-a', `${template}/.`, dir]);
    children = [];
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => child.ended()));
    const cluster = join(dir, 'postgres');
    const file = await findPidFile(cluster);
    const identity = file === undefined ? undefined : await findPostmaster(cluster, file);
    if (identity !== undefined) await stopServer(identity, { immediate: true });
    await rm(dir, { recursive: true, force: true });
  });
  return {
    dataDir: () => dir,
    start: (options = {}) => startEmbeddedPostgres({ dataDir: dir, durable: false, ...options }),
    startChild: async (mode = 'run', options = {}) => {
      const child = startChild(CHILD, [dir, mode], options);
      children.push(child);
      expect(await child.nextLine()).toBe('starting');
      return child;
    },
  };
}

/** What a server child says when its server is up. */
export async function readServer(child: TestChild): Promise<{ pid: number; url: string; how: string }> {
  const [pid, url, how] = (await child.nextLine()).split(' ');
  return { pid: Number(pid), url: url ?? '', how: how ?? '' };
}
