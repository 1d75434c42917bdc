import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFreePort, launchServer } from '../../src/postgres/launch.js';
import { locatePostgres } from '../../src/postgres/locate.js';
import { findProcess } from '../../src/postgres/process.js';
import { chooseRunAs } from '../../src/postgres/run-as.js';
import { stopServer } from '../../src/postgres/stop.js';
import { useServers } from './fixture.js';
import { query } from './query.js';

describe('the embedded PostgreSQL', () => {
  const servers = useServers('seeded');

  it('is durable unless told otherwise, whatever its files say', async () => {
    const first = await servers.start();
    await first.stop();
    await writeFile(join(servers.dataDir(), 'postgres', 'postgresql.auto.conf'), `fsync = off\n`);
    const server = await servers.start({ durable: true });
    const [row] = await query(
      server.url,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
        current_setting('full_page_writes') as pages, current_setting('listen_addresses') as addresses,
        current_setting('unix_socket_directories') as sockets, current_setting('server_version_num')::int as version`,
    );
    expect(row).toMatchObject({
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      addresses: '127.0.0.1',
      sockets: '',
    });
    expect(row?.['version']).toBeGreaterThanOrEqual(150_000);
    await server.stop();
  });

  it('lets nobody in without the password, which only its user can read', async () => {
    const server = await servers.start();
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    wrong.username = 'postgres';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    for (const name of ['postgres-password', 'postgres.log']) {
      expect((await stat(join(servers.dataDir(), name))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(join(servers.dataDir(), 'postgres'))).mode & 0o777).toBe(0o700);
    await server.stop();
  });

  it('keeps what was written over a stop, and stop leaves no process', async () => {
    const first = await servers.start({ database: 'notes' });
    await query(first.url, 'create table note as select 42 as id');
    await Promise.all([first.stop(), first.stop()]);
    expect(await findProcess(first.pid)).toBeUndefined();
    const second = await servers.start({ database: 'notes' });
    expect(second.reused).toBe(false);
    expect(await query(second.url, 'select id from note')).toEqual([{ id: 42 }]);
    await second.stop();
  });

  it('writes neither statements nor values to its log', async () => {
    const server = await servers.start();
    await query(server.url, 'create table secret (word text primary key)');
    await query(server.url, `insert into secret values ('hunter2')`);
    await expect(query(server.url, `insert into secret values ('hunter2')`)).rejects.toMatchObject({
      code: '23505',
    });
    await server.stop();
    expect(await readFile(join(servers.dataDir(), 'postgres.log'), 'utf8')).not.toMatch(/hunter2|secret/);
  });

  it('refuses a cluster whose password is lost instead of opening it to all', async () => {
    await (await servers.start()).stop();
    await rm(join(servers.dataDir(), 'postgres-password'));
    await expect(servers.start()).rejects.toMatchObject({ code: 'postgres.password_missing' });
    await writeFile(join(servers.dataDir(), 'postgres-password'), `${'x'.repeat(32)}\n`);
    await expect(servers.start()).rejects.toMatchObject({ code: 'postgres.password_missing' });
    expect(await readdir(join(servers.dataDir(), 'postgres'))).not.toContain('postmaster.pid');
  });

  it('says why a broken cluster does not start, where its log is and what else to do', async () => {
    await (await servers.start()).stop();
    await rm(join(servers.dataDir(), 'postgres', 'global', 'pg_control'));
    await expect(servers.start()).rejects.toMatchObject({
      code: 'postgres.start_failed',
      message: expect.stringMatching(
        /^PostgreSQL did not start: .*could not open file ".*pg_control"/,
      ) as string,
      hint: `see ${join(servers.dataDir(), 'postgres.log')}, or set DATABASE_URL to a PostgreSQL 15 or newer`,
    });
  });

  it('takes another port when somebody has taken the one it chose', async () => {
    await (await servers.start()).stop();
    const clusterDir = join(servers.dataDir(), 'postgres');
    const other = createServer();
    const taken = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        resolve((other.address() as { port: number }).port);
      });
    });
    const ports = [taken, taken];
    const launched = await launchServer({
      binaries: await locatePostgres(),
      runAs: await chooseRunAs(clusterDir),
      clusterDir,
      logFile: join(servers.dataDir(), 'postgres.log'),
      durable: false,
      findPort: () => Promise.resolve(ports.pop()).then((port) => port ?? findFreePort()),
    });
    other.close();
    expect(ports).toEqual([]);
    expect(launched).toMatchObject({ port: expect.any(Number) as number });
    if (launched !== 'already_running') await stopServer(launched.identity);
  });
});

describe('the first start of the embedded PostgreSQL', () => {
  const servers = useServers('empty');

  it('makes a cluster that later starts use', async () => {
    const first = await servers.start({ durable: true });
    await query(first.url, 'create table note as select 42 as id');
    await first.stop();
    expect((await readdir(servers.dataDir())).sort()).toEqual([
      'postgres',
      'postgres-password',
      'postgres.log',
    ]);
    const second = await servers.start({ durable: true });
    expect(await query(second.url, 'select id from note')).toEqual([{ id: 42 }]);
    await second.stop();
  });

  it('leaves nothing running when it is aborted while it creates the cluster, and starts the next time', async () => {
    const abort = new AbortController();
    const start = servers.start({ signal: abort.signal });
    const reason = new Error('enough');
    setTimeout(() => {
      abort.abort(reason);
    }, 200);
    await expect(start).rejects.toBe(reason);
    expect((await readdir(servers.dataDir())).filter((name) => name !== 'postgres-password')).toEqual([]);
    await (await servers.start()).stop();
  });

  it('refuses a folder in the place of the cluster that is not one, and leaves it alone', async () => {
    await mkdir(join(servers.dataDir(), 'postgres'));
    await writeFile(join(servers.dataDir(), 'postgres', 'thesis.txt'), 'mine');
    await expect(servers.start()).rejects.toMatchObject({ code: 'datadir.unusable' });
    expect(await readdir(join(servers.dataDir(), 'postgres'))).toEqual(['thesis.txt']);
  });

  it.each(['a-b', 'A', '', 'a"b', '1a', 'a'.repeat(64)])('refuses the database name %j', async (database) => {
    await expect(servers.start({ database })).rejects.toMatchObject({ code: 'postgres.name_invalid' });
    expect(await readdir(servers.dataDir())).toEqual([]);
  });
});
