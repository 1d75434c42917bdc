import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestRegistry, ORIGIN } from '../../client/src/testing/test-registry.js';
import { serveRegistry } from '../../client/test/support/serve-registry.js';
import { sendJson, startServer } from '../../client/test/support/server.js';
import { buildCli, createMachine, PACKAGE_DIR, type Machine } from './harness.js';

beforeAll(() => {
  buildCli();
});

const LIMITS = { tarBytes: 1, files: 1, fileBytes: 1, definitionBytes: 1 };
/** `script` of util-linux gives a command a terminal of its own; others spell its flags differently. */
const script = spawnSync('script', ['--version'], { encoding: 'utf8' });
/** Continuous integration must have the tool: there a missing one fails instead of being passed over. */
const isCi = process.env['CI'] !== undefined;
const canGiveTerminal = script.status === 0 && script.stdout.includes('util-linux');

/** Runs a line of shell on a terminal, pressing keys when a text has appeared. */
async function onTerminal(
  machine: Machine,
  line: string,
  when: string,
  keys: string,
  afterMs = 0,
): Promise<{ readonly status: number | null; readonly shown: string }> {
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: machine.dir,
    env: { ...machine.env, TERM: 'xterm', SHELL: '/bin/sh' },
  });
  let shown = '';
  let pressed = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (pressed || !shown.includes(when)) return;
    pressed = true;
    setTimeout(() => child.stdin.write(keys), afterMs);
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, shown };
}

async function serveLogin() {
  const registry = createTestRegistry();
  const { url, seen } = await startServer((request, response) => {
    if (request.path === '/v1/whoami')
      sendJson(response, {
        user: 'ana',
        admin: false,
        token: { id: 't', name: 'n', scopes: ['*'] },
        namespaces: [],
      });
    else
      sendJson(response, {
        origin: ORIGIN,
        api: ['v1'],
        logs: [{ realm: 'public', origin: `${ORIGIN}/log/public`, key: registry.log.logKey }],
        limits: LIMITS,
        witnesses: [],
      });
  });
  return { url, seen, logKey: registry.log.logKey };
}

const SHEAF = `"${process.execPath}" "${join(PACKAGE_DIR, 'bin', 'sheaf.js')}"`;

describe.runIf(canGiveTerminal || isCi)('with a file on stdin, at a terminal', () => {
  it('asks on the terminal, and reads the token from the file', async () => {
    const machine = createMachine();
    writeFileSync(join(machine.dir, 'token'), 'shf_1_secret\n');
    const { url, seen } = await serveLogin();
    const line = `${SHEAF} login ${url} --with-token < token; echo "status $?"; stty -a | grep -o -- '-\\?icanon'`;
    const { shown } = await onTerminal(machine, line, '[y/N] ', 'y\r');
    expect(shown).toContain('signed in to');
    expect(shown).toContain('status 0');
    expect(shown).toMatch(/^icanon/m);
    expect(seen.at(-1)?.headers.authorization).toBe('Bearer shf_1_secret');
  });

  it('asks nothing with CI=true', async () => {
    const machine = createMachine();
    const { url } = await serveLogin();
    const lines = ['key generate --name laptop', `login ${url} --with-token --yes`, `login ${url}`].map(
      (words) => `CI=true ${SHEAF} ${words}; echo "status $?"`,
    );
    const { shown } = await onTerminal(machine, lines.join('; '), 'for the new key: ', '\u0003');
    expect(shown.match(/status \d+/g)).toEqual(['status 5', 'status 2', 'status 5']);
    expect(shown).toContain('error[key.passphrase_required]');
    expect(shown).not.toMatch(/passphrase for the new key|access token: |\[y\/N\]/);
  }, 30_000);

  it('draws no progress over a question', async () => {
    const machine = createMachine();
    const registry = createTestRegistry();
    const published = await registry.publish();
    const { url } = await startServer((request, response, count) => {
      if (request.path === '/.well-known/sheaf-registry')
        sendJson(response, {
          origin: ORIGIN,
          api: ['v1'],
          logs: [{ realm: 'public', origin: `${ORIGIN}/log/public`, key: registry.log.logKey }],
          limits: LIMITS,
          witnesses: [],
        });
      else serveRegistry(registry, [published])(request, response, count);
    });
    const line = `${SHEAF} login ${url} --yes; ${SHEAF} fetch acme/deploy@1.0.0 --registry ${url}; echo "status $?"`;
    const { shown } = await onTerminal(machine, line, 'from now on? [y/N] ', 'y\r', 1500);
    expect(shown).toContain('status 0');
    const [, after = ''] = shown.split('from now on? [y/N] ');
    expect(after.replace('\r\n', '')).toMatch(/^y/);
    expect(shown).not.toContain(' 0 B');
  });

  it('is cancelled by Ctrl-C, and leaves the terminal as it was', async () => {
    const machine = createMachine();
    writeFileSync(join(machine.dir, 'token'), 'shf_1_secret\n');
    const { url } = await serveLogin();
    const line = `${SHEAF} login ${url} --with-token < token; echo "status $?"; stty -a | grep -o -- '-\\?icanon'`;
    const { shown } = await onTerminal(machine, line, '[y/N] ', '\u0003');
    expect(shown).toContain('status 130');
    expect(shown).toMatch(/^icanon/m);
  });
});

it('asks nothing without a terminal, and repeats what was being done', async () => {
  const machine = createMachine();
  const { url, logKey } = await serveLogin();
  const child = machine.start(['login', url, '--with-token'], { input: 'shf_1_secret\n' });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect(status).toBe(5);
  expect(stderr).toContain(`sheaf login ${url} --log-key ${logKey} --with-token < FILE-WITH-THE-TOKEN`);
});
