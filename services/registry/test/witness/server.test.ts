import { readCosignatures, parseWitnessVerifier } from '@sheaf/bundle';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listen } from '../../src/listen.js';
import { createWitnessServer } from '../../src/witness/witness-server.js';
import { startWitness, type RunningWitness } from '../../src/witness/start-witness.js';
import { parseWitnessConfig } from '../../src/witness/witness-config.js';
import { LOG_ORIGIN, LOG_VERIFIER, sampleLog } from '../support/sample-log.js';
import { failToStart, startWitnessProcess } from '../support/witness-process.js';

const log = sampleLog();
let dir: string;
let running: RunningWitness | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sheaf-witness-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await rm(dir, { recursive: true, force: true });
});

async function start(name?: string): Promise<RunningWitness> {
  running = await startWitness(
    { host: '127.0.0.1', port: 0, dataDir: dir, name, logs: [LOG_VERIFIER] },
    pino({ level: 'silent' }),
  );
  return running;
}

async function submit(url: string, body: string | Uint8Array) {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: Buffer.from(body) });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text: await response.text(),
  };
}

test('answers with the status, type and body that the protocol names', async () => {
  const { url, verifierKey } = await start('witness.example');
  const known = parseWitnessVerifier(verifierKey);
  expect(known.name).toBe('witness.example');
  const first = await submit(url, await log.request(0, 7));
  expect(first.status).toBe(200);
  expect(readCosignatures(`${log.noteAt(7)}${first.text}`, [known])).toHaveLength(1);
  expect(await submit(url, await log.request(0, 9))).toEqual({
    status: 409,
    type: 'text/x.tlog.size',
    text: '7\n',
  });
  expect((await submit(url, await sampleLog(1).request(7, 7))).status).toBe(409);
  expect((await submit(url, await sampleLog(1).request(7, 9))).status).toBe(422);
  expect((await submit(url, (await log.request(7, 9)).replaceAll(LOG_ORIGIN, 'x/y'))).status).toBe(404);
  expect((await submit(url, (await log.request(7, 9)).replace('\n9\n', '\n8\n'))).status).toBe(403);
  expect((await submit(url, await log.request(9, 7))).status).toBe(400);
  expect((await submit(url, 'hello')).status).toBe(400);
  expect((await submit(url, Buffer.from([0xff, 0x0a, 0x0a]))).status).toBe(400);
  expect((await submit(url, Buffer.alloc(65 * 1024))).status).toBe(413);
  expect((await submit(url, await log.request(7, 9))).status).toBe(200);
  expect(await (await fetch(url)).text()).toContain(verifierKey);
  expect((await fetch(`${url}/add-checkpoint`)).status).toBe(405);
  expect((await fetch(`${url}/other`)).status).toBe(404);
});

test('keeps its key, its name and what it has cosigned when it is started again', async () => {
  const before = await start('first');
  await submit(before.url, await log.request(0, 7));
  await before.stop();
  const after = await start();
  expect([before.isNew, after.isNew]).toEqual([true, false]);
  expect(after.verifierKey).toBe(before.verifierKey);
  expect(await submit(after.url, await sampleLog(1).request(0, 5))).toMatchObject({
    status: 409,
    text: '7\n',
  });
  expect((await stat(join(dir, 'witness-key.json'))).mode & 0o777).toBe(0o600);
  await after.stop();
  await expect(start('second')).rejects.toMatchObject({ code: 'witness.name_fixed' });
});

test('keeps nothing of a log that it does not know', async () => {
  const { url } = await start();
  for (let i = 0; i < 20; i += 1) {
    const body = (await log.request(0, 5)).replaceAll(LOG_ORIGIN, `x.example/${i}`);
    expect((await submit(url, body)).status).toBe(404);
  }
  expect(await readdir(join(dir, 'logs'))).toEqual([]);
});

test('does not start when it cannot tell what it has cosigned', async () => {
  const before = await start();
  await submit(before.url, await log.request(0, 7));
  await before.stop();
  const [file] = await readdir(join(dir, 'logs'));
  const path = join(dir, 'logs', file ?? '');
  const good = await readFile(path, 'utf8');
  for (const bad of [
    '',
    '{}',
    good.slice(0, 40),
    good.replace('"v":1', '"v":2'),
    good.replace(LOG_ORIGIN, 'a/b'),
  ]) {
    await writeFile(path, bad);
    await expect(start()).rejects.toMatchObject({ code: 'witness.state_invalid' });
  }
  await writeFile(path, good);
  // What a write that was cut short left behind is no state.
  await writeFile(`${path}.0123.tmp`, good.slice(0, 40));
  await start();
  expect(await readdir(join(dir, 'logs'))).toEqual([file]);
});

test('a client that sends half a request and waits holds up nobody', async () => {
  const { url } = await start();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 1000\r\n\r\nold 0\n');
  expect((await submit(url, await log.request(0, 7))).status).toBe(200);
  socket.destroy();
  expect((await submit(url, await log.request(7, 8))).status).toBe(200);
});

/** How long until a connection that sends nothing is closed by the other side. */
function silence(url: string, localAddress: string): Promise<number> {
  const startedAt = performance.now();
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined).resume();
  return new Promise((resolve) =>
    socket.once('close', () => {
      resolve(performance.now() - startedAt);
    }),
  );
}

test('connections that send nothing are closed in seconds, and one address cannot have them all', async () => {
  const { url } = await start();
  const silent = Array.from({ length: 256 }, () => silence(url, '127.0.0.2'));
  // From another address the witness is there meanwhile.
  expect((await submit(url, await log.request(0, 7))).status).toBe(200);
  const ages = await Promise.all(silent);
  // The cap of the address was 32; the others were turned away at once.
  expect(ages.filter((ms) => ms < 3_000)).toHaveLength(256 - 32);
  expect(Math.max(...ages)).toBeLessThan(9_000);
}, 20_000);

test('a disk that fails is said in the log, and the log that asked gets nothing', async () => {
  const lines: string[] = [];
  const server = createWitnessServer({
    witness: { addCheckpoint: () => Promise.reject(new Error('disk full')) },
    verifierKey: 'w',
    log: pino({ level: 'error' }, { write: (line) => lines.push(line) }),
  });
  const url = await listen(server, { host: '127.0.0.1', port: 0, flag: '--listen' });
  expect(await submit(url, await log.request(0, 7))).toMatchObject({
    status: 500,
    text: 'the witness failed\n',
  });
  expect(lines.join('')).toContain('disk full');
  server.close();
  server.closeAllConnections();
});

test('the flags name logs, a policy, an address; anything else is wrong usage', async () => {
  const policy = join(dir, 'witness.policy');
  await writeFile(policy, `log ${LOG_VERIFIER.text}\nquorum none\n`);
  const config = await parseWitnessConfig(['--policy', policy, '--listen', '[::1]:80', '--data-dir', dir]);
  expect(config).toMatchObject({ host: '::1', port: 80, dataDir: dir, logs: [LOG_VERIFIER] });
  expect(await parseWitnessConfig(['--log', LOG_VERIFIER.text])).toMatchObject({
    host: '127.0.0.1',
    port: 7434,
  });
  for (const args of [[], ['--log'], ['--listen', 'nowhere', '--log', LOG_VERIFIER.text], ['--what']])
    await expect(parseWitnessConfig(args)).rejects.toMatchObject({ code: 'usage.invalid' });
  await expect(parseWitnessConfig(['--policy', join(dir, 'none')])).rejects.toMatchObject({
    code: 'usage.invalid',
  });
  await expect(parseWitnessConfig(['--log', 'a+b+c'])).rejects.toMatchObject({ code: 'log.key_invalid' });
});

test('what a killed process has cosigned is on the disk, and two processes never share a folder', async () => {
  const options = { dataDir: dir, logs: [LOG_VERIFIER.text] };
  const first = await startWitnessProcess(options);
  const second = await failToStart(options);
  expect(second).toMatchObject({ code: 1 });
  expect(second.output).toContain('datadir.locked');
  expect((await submit(first.url, await log.request(0, 7))).status).toBe(200);
  await first.kill('SIGKILL');
  const next = await startWitnessProcess(options);
  expect(next.verifierKey).toBe(first.verifierKey);
  expect(await submit(next.url, await log.request(0, 7))).toMatchObject({ status: 409, text: '7\n' });
  expect((await submit(next.url, await sampleLog(1).request(7, 7))).status).toBe(409);
  await next.kill();
  expect(next.logged()).toContain('a log has signed two trees of one size');
});
