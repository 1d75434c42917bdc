import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { findProcess } from '../../src/postgres/process.js';
import { readServer, useServers } from './fixture.js';
import { query } from './query.js';

async function waitFor(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 5) {
    if (await condition()) return;
    await sleep(5);
  }
  throw new Error(`waited in vain for ${what}`);
}

describe('a server whose starter is gone', () => {
  const servers = useServers('seeded');

  it('outlives a SIGKILL of the starter, is reused by the next start, and stopped by its stop', async () => {
    const child = await servers.startChild();
    const left = await readServer(child);
    await query(left.url, 'create table note as select 42 as id');
    child.kill('SIGKILL');
    await child.ended();
    expect(await query(left.url, 'select id from note')).toEqual([{ id: 42 }]);

    const server = await servers.start();
    expect(server).toMatchObject({ reused: true, pid: left.pid, url: left.url });
    expect(await query(server.url, 'select id from note')).toEqual([{ id: 42 }]);
    await server.stop();
    expect(await findProcess(left.pid)).toBeUndefined();
  });

  it('is replaced when it does not write as durably as the next start asks', async () => {
    const child = await servers.startChild();
    const left = await readServer(child);
    child.kill('SIGKILL');
    await child.ended();
    const server = await servers.start({ durable: true });
    expect(server.reused).toBe(false);
    expect(await findProcess(left.pid)).toBeUndefined();
    expect(await query(server.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
    await server.stop();
  });

  it('is stopped when it does not answer to the password, and so is its successor', async () => {
    const child = await servers.startChild();
    const left = await readServer(child);
    await query(left.url, `alter role sheaf password 'another'`);
    child.kill('SIGKILL');
    await child.ended();
    await expect(servers.start()).rejects.toMatchObject({ code: 'postgres.password_missing' });
    expect(await findProcess(left.pid)).toBeUndefined();
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'is not hit by a %s to the group of its starter, which drains and then stops it',
    async (signal) => {
      const child = await servers.startChild();
      const server = await readServer(child);
      process.kill(-child.pid, signal);
      expect(await child.nextLine()).toBe('drained 1');
      expect(await child.ended()).toBe(0);
      expect(await findProcess(server.pid)).toBeUndefined();
    },
  );

  it('is told to stop when the starter exits without stopping it', async () => {
    const child = await servers.startChild('exit');
    const { pid } = await readServer(child);
    expect(await child.ended()).toBe(0);
    await waitFor('the server to stop', async () => (await findProcess(pid)) === undefined);
  });

  it('does not exist where its pid file names a stranger, who is left alone', async () => {
    await (await servers.start()).stop();
    // Not this process: the server would know its own parent for no server.
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pidFile = join(servers.dataDir(), 'postgres', 'postmaster.pid');
    await writeFile(
      pidFile,
      `${String(stranger.pid)}\n${servers.dataDir()}/postgres\n1\n1\n\n127.0.0.1\n\nready\n`,
    );
    const server = await servers.start();
    expect(server.reused).toBe(false);
    expect(await findProcess(stranger.pid ?? 0)).toBeDefined();
    await server.stop();
    stranger.kill('SIGKILL');
  });

  it.runIf(process.platform === 'linux')(
    'does not exist where its pid file names a dead process whose parent has not heard of it',
    async () => {
      await (await servers.start()).stop();
      // What the shell becomes never asks after the child that the shell began.
      const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const dead = line.toString().trim();
      await waitFor('the child to end', async () => (await findProcess(Number(dead))) === undefined);
      const folder = join(servers.dataDir(), 'postgres');
      await writeFile(join(folder, 'postmaster.pid'), `${dead}\n${folder}\n1\n1\n\n127.0.0.1\n\nready\n`);
      await (await servers.start()).stop();
      parent.kill('SIGKILL');
    },
  );

  it('does not exist where its pid file is empty, as of one that was killed at its start', async () => {
    await (await servers.start()).stop();
    await writeFile(join(servers.dataDir(), 'postgres', 'postmaster.pid'), '');
    await (await servers.start()).stop();
  });

  it('loses no commit when it is killed itself', async () => {
    const first = await servers.start({ durable: true });
    await query(first.url, 'create table note as select 42 as id');
    process.kill(first.pid, 'SIGKILL');
    const second = await servers.start({ durable: true });
    expect(second.reused).toBe(false);
    expect(await query(second.url, 'select id from note')).toEqual([{ id: 42 }]);
    await second.stop();
  });

  it('is waited for while a backend of it still holds the shared memory', async () => {
    const first = await servers.start();
    const client = new pg.Client({ connectionString: first.url });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backend = rows[0]?.pid ?? 0;
    process.kill(backend, 'SIGSTOP');
    process.kill(first.pid, 'SIGKILL');
    const start = servers.start();
    const early = await Promise.race([start.then(() => 'started'), sleep(1000, 'waiting')]);
    process.kill(backend, 'SIGCONT');
    expect(early).toBe('waiting');
    await (await start).stop();
    await client.end().catch(() => undefined);
  });
});

describe('a starter that is killed while it creates a cluster', () => {
  const servers = useServers('empty');

  it('leaves no half cluster, and the next start creates a whole one', async () => {
    const child = await servers.startChild();
    const staged = async (): Promise<boolean> =>
      (await readdir(servers.dataDir())).some((name) => name.startsWith('postgres.init-'));
    await waitFor('the cluster to be begun', staged);
    child.kill('SIGKILL');
    await child.ended();
    expect(await readdir(servers.dataDir())).not.toContain('postgres');
    const server = await servers.start();
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
    await (await servers.start()).stop();
  });
});

describe.runIf(process.getuid?.() === 0)('a server started by root', () => {
  const servers = useServers('empty');
  const nobody = { prefix: [], owner: { uid: 65_534, gid: 65_534 } };

  it('runs as nobody where there are no user namespaces, and stays with that user', async () => {
    const first = await servers.start({ runAs: nobody });
    expect(await uidOf(first.pid)).toBe(65_534);
    await query(first.url, 'create table note as select 42 as id');
    await first.stop();
    const second = await servers.start();
    expect(await uidOf(second.pid)).toBe(65_534);
    expect(await query(second.url, 'select id from note')).toEqual([{ id: 42 }]);
    await second.stop();
  });

  it('hands its cluster over to nobody where user namespaces are no longer allowed', async () => {
    const first = await servers.start();
    await query(first.url, 'create table note as select 42 as id');
    await first.stop();
    const second = await servers.start({ runAs: nobody });
    expect(await query(second.url, 'select id from note')).toEqual([{ id: 42 }]);
    await second.stop();
  });

  it('runs as an ordinary user when that user starts it', async () => {
    await chown(servers.dataDir(), 65_534, 65_534);
    const child = await servers.startChild('run', { uid: 65_534 });
    const server = await readServer(child);
    expect(await uidOf(server.pid)).toBe(65_534);
    child.kill('SIGTERM');
    expect(await child.nextLine()).toBe('drained 1');
    expect(await child.ended()).toBe(0);
    expect((await stat(join(servers.dataDir(), 'postgres'))).uid).toBe(65_534);
  });

  async function uidOf(pid: number): Promise<number> {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
  }
});
