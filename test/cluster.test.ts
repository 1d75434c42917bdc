import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { cp, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cleanEnvironment, REGISTRY_BIN } from './support/registry-environment.js';
import {
  beginWithDatabase,
  failToStart,
  makeTempDir,
  privateDatabaseUrl,
  removeDir,
} from './support/registry-process.js';

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  logged(): string;
}

let dataDir: string;
let running: Running | undefined;
beforeEach(async () => {
  dataDir = await makeTempDir();
});
afterEach(async () => {
  running?.child.kill('SIGTERM');
  await running?.ended;
  running = undefined;
  await removeDir(dataDir);
});

async function start(env: Record<string, string>): Promise<Running> {
  await beginWithDatabase(dataDir);
  const child = spawn(process.execPath, [REGISTRY_BIN, 'serve', '--port', '0', '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), SHEAF_LOG_LEVEL: 'info', ...env },
  });
  let talk = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (talk += text));
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const found = /^listening on (\S+)$/m.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => {
      reject(new Error(`the registry ended with ${code}: ${talk}`));
    });
  });
  running = { child, url, ended, logged: () => talk };
  return running;
}

/** Children of a process, by /proc: the workers are node, the database is not. */
async function workersOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const pids = text.trim().split(' ').filter(Boolean).map(Number);
  const names = await Promise.all(pids.map((p) => readFile(`/proc/${p}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_pid, index) => names[index]?.includes('sheaf-registry.js'));
}

const isUp = (url: string) =>
  fetch(`${url}/healthz`).then(
    (r) => r.ok,
    () => false,
  );

/** Whether a connection of its own is answered, rather than ended. */
function answeredAlone(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request(`${url}/healthz`, { agent: false }, (response) => {
      response.resume();
      resolve(true);
    });
    asking.on('error', () => {
      resolve(false);
    });
    asking.end();
  });
}

/** Those of them that have settled by now. */
async function settled(promises: readonly Promise<boolean>[]): Promise<readonly boolean[]> {
  const pending = sleep(0).then(() => undefined);
  const seen = await Promise.all(promises.map((promise) => Promise.race([promise, pending])));
  return seen.filter((value) => value !== undefined);
}

test.runIf(process.platform === 'linux')(
  'several processes serve as one; one that is killed is replaced, and metrics are those of all',
  async () => {
    const { child, url } = await start({ SHEAF_WORKERS: '2' });
    const pid = child.pid ?? 0;
    const before = await workersOf(pid);
    expect(before).toHaveLength(2);
    for (let i = 0; i < 20; i += 1) expect(await isUp(url)).toBe(true);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const counted = /sheaf_http_requests_total\{method="GET",route="\/healthz",status="200"\} (\d+)/.exec(
      metrics,
    );
    expect(Number(counted?.[1])).toBe(20);
    expect(metrics).toMatch(/^sheaf_workers 2$/m);

    const [victim = 0] = before;
    // One that hangs is still handed a connection: when it dies nobody waits for what it had not taken.
    process.kill(victim, 'SIGSTOP');
    const asked = Array.from({ length: 4 }, () => answeredAlone(url));
    await expect.poll(async () => (await settled(asked)).length, { timeout: 20_000 }).toBe(3);
    process.kill(victim, 'SIGKILL');
    expect((await Promise.all(asked)).filter((isAnswered) => !isAnswered)).toHaveLength(1);
    await expect
      .poll(async () => (await workersOf(pid)).filter((worker) => !before.includes(worker)).length, {
        timeout: 20_000,
      })
      .toBe(1);
    await expect.poll(() => running?.logged(), { timeout: 20_000 }).toContain('a worker died');
    for (let i = 0; i < 10; i += 1) expect(await isUp(url)).toBe(true);

    // Also where none is left: those that come next are where they were.
    for (const worker of await workersOf(pid)) process.kill(worker, 'SIGKILL');
    await expect.poll(() => isUp(url), { timeout: 20_000 }).toBe(true);

    child.kill('SIGTERM');
    expect(await running?.ended).toEqual({ code: 0, signal: null });
    expect(await isUp(url)).toBe(false);
  },
  120_000,
);

test.each(['1', '2'])(
  'with %s workers a stop lets a slow upload end, says that it stops, and takes no more',
  async (workers) => {
    const { child, url } = await start({ SHEAF_WORKERS: workers, SHEAF_STOP_DELAY_MS: '1500' });
    const token = (await readFile(`${dataDir}/admin-token`, 'utf8')).trim();
    const slow = request(`${url}/v1/namespaces`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Transfer-Encoding': 'chunked',
      },
    });
    const answered = once(slow, 'response');
    // Enough to be waited for on a busy machine: a body that drips is given up after ten seconds.
    slow.write(`{${' '.repeat(48 * 1024)}"name"`);
    await sleep(300);
    child.kill('SIGTERM');
    await expect
      .poll(async () => (await fetch(`${url}/readyz?degraded=true`)).status, { timeout: 5_000 })
      .toBe(503);
    const problem = (await (await fetch(`${url}/readyz`)).json()) as { code: string };
    expect(problem.code).toBe('service.stopping');
    expect((await fetch(`${url}/healthz`)).headers.get('connection')).toBe('close');
    await expect.poll(() => isUp(url), { timeout: 10_000 }).toBe(false);
    slow.end(':"acme"}');
    const [response] = (await answered) as [IncomingMessage];
    expect(response.statusCode).toBe(201);
    response.resume();
    expect(await running?.ended).toEqual({ code: 0, signal: null });
  },
  120_000,
);

test('a second signal ends at once, whatever is in progress', async () => {
  const { child, url } = await start({ SHEAF_WORKERS: '1' });
  const token = (await readFile(`${dataDir}/admin-token`, 'utf8')).trim();
  const stuck = request(`${url}/v1/namespaces`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Content-Length': '15',
    },
  });
  stuck.on('error', () => undefined);
  stuck.write('{');
  await sleep(200);
  child.kill('SIGTERM');
  await sleep(1_000);
  child.kill('SIGTERM');
  expect(await running?.ended).toEqual({ code: 130, signal: null });
}, 60_000);

test('a start whose workers cannot serve fails at once, and says why', async () => {
  const { url } = await start({ SHEAF_WORKERS: '1' });
  const port = new URL(url).port;
  const other = await makeTempDir();
  const env = {
    SHEAF_WORKERS: '2',
    DATABASE_URL: await privateDatabaseUrl(dataDir),
    // Ten minutes: a worker that has to be ended by force would take longer than this test may.
    SHEAF_DRAIN_TIMEOUT_MS: '600000',
  };
  const args = ['--port', port, '--data-dir', other];
  try {
    for (const name of ['log-key.json', 'blobs'])
      await cp(`${dataDir}/${name}`, `${other}/${name}`, { recursive: true });
    const { code, talk } = await failToStart(args, env);
    expect(talk).toContain('error[port.taken]');
    expect(code).toBe(1);
  } finally {
    await removeDir(other);
  }
}, 120_000);
