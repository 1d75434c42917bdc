import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestRegistry, ORIGIN } from '../../client/src/testing/test-registry.js';
import { serveRegistry } from '../../client/test/support/serve-registry.js';
import { sendJson, startServer } from '../../client/test/support/server.js';
import { buildCli, createMachine, PACKAGE_DIR, type Machine } from './harness.js';
import { run, serve } from './served-registry.js';

beforeAll(() => {
  buildCli();
});

const SHEAF = `"${process.execPath}" "${join(PACKAGE_DIR, 'bin', 'sheaf.js')}"`;
const FLOW = `id = "acme/flow"
version = "1.0.0"

[steps.greet]
run = "echo hello"

[outputs]
text = "\${{ steps.greet.outputs.stdout }}"
`;

function writeFlow(dir: string, text = FLOW): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'workflow.toml'), text);
}

/** Runs lines of bash; `$S` is sheaf. */
function bash(machine: Machine, lines: string, env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', `S() { ${SHEAF} "$@"; }\n${lines}`], {
    cwd: machine.dir,
    env: { ...machine.env, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Every file below a folder. */
function listFiles(dir: string): readonly string[] {
  if (!existsSync(dir)) return [];
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('the three streams', () => {
  it('may be closed, each of them and all: the exit code tells what happened', () => {
    const machine = createMachine();
    writeFlow(join(machine.dir, 'flow'));
    const { stdout } = bash(
      machine,
      `S validate flow >&-; echo "out $?"
       S validate flow 2>&-; echo "err $?"
       S validate flow <&-; echo "in $?"
       S validate nothing <&- >&- 2>&-; echo "all $?"
       S validate flow | true; echo "gone \${PIPESTATUS[0]}"`,
    );
    const valid = 'valid acme/flow 1.0.0 · 1 step\n';
    expect(stdout).toBe(`out 0\n${valid}err 0\n${valid}in 0\nall 4\ngone 0\n`);
  });

  it.runIf(existsSync('/dev/full'))('are told to have lost the answer when the disk is full', () => {
    const machine = createMachine();
    writeFlow(join(machine.dir, 'flow'));
    const { status, stderr } = bash(machine, 'S validate flow > /dev/full');
    expect(status).toBe(1);
    expect(stderr).toBe(
      'error[output.lost]: the answer could not be written to stdout: the disk is full\n  help: the work itself was done: make room, and run it again, which is safe\n',
    );
  });
});

/** Whom no folder of root's belongs to; undefined where this process is somebody plain itself. */
const NOBODY = process.getuid?.() === 0 ? 65534 : undefined;
/** Whether that user can read the command line from where it lies. */
const isReadable =
  NOBODY === undefined ||
  spawnSync(process.execPath, [join(PACKAGE_DIR, 'bin', 'sheaf.js'), '--version'], {
    uid: NOBODY,
    gid: NOBODY,
  }).status === 0;
if (!isReadable) console.warn('SKIPPED: a read-only home, since nobody may read this folder');

describe('the folders', () => {
  it('may be missing where nothing is kept, and are asked for where something is', () => {
    const machine = createMachine();
    writeFlow(join(machine.dir, 'flow'));
    const { stdout, stderr } = bash(
      machine,
      `unset HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME
       S validate flow; echo "status $?"; S run ./flow; echo "status $?"`,
    );
    expect(stdout).toBe('valid acme/flow 1.0.0 · 1 step\nstatus 0\nstatus 1\n');
    expect(stderr).toContain(
      'error[config.home_missing]: neither XDG_STATE_HOME nor HOME says where to keep',
    );
    expect(stderr).toContain('help: set HOME, or XDG_STATE_HOME, to an absolute path');
  });

  it('may have spaces, quotes, other letters and a line break in their names', () => {
    const machine = createMachine();
    const odd = join(machine.dir, `a "b" 'c' é日\nd $(touch x)`);
    writeFlow(join(odd, 'my flow'));
    const env = {
      XDG_CONFIG_HOME: join(odd, 'config'),
      XDG_STATE_HOME: join(odd, 'state'),
      XDG_CACHE_HOME: join(odd, 'cache'),
    };
    const ran = machine.run(['run', './my flow', '--yes'], { cwd: odd, env });
    expect(ran).toMatchObject({ status: 0, stdout: 'hello\n' });
    const made = machine.run(['key', 'generate', '--name', 'k', '--no-passphrase'], { cwd: odd, env });
    expect(made.stderr.split('\n')[0]).toContain(String.raw`é日\u{a}d $(touch x)/config/sheaf/keys/k.json,`);
    expect(listFiles(odd).some((path) => path.endsWith('/x'))).toBe(false);
  });

  it.runIf(isReadable || process.env['CI'] === 'true')(
    'of the cache and the state may lie elsewhere when the home is read-only',
    async () => {
      const machine = createMachine();
      const home = join(machine.dir, 'home');
      writeFlow(join(machine.dir, 'flow'));
      mkdirSync(home);
      // The mode of a folder does not hold root: what is tried here is tried as nobody.
      chmodSync(home, 0o555);
      chmodSync(machine.dir, 0o755);
      for (const folder of ['config', 'state', 'cache', 'project']) {
        mkdirSync(join(machine.dir, folder));
        if (NOBODY !== undefined) chownSync(join(machine.dir, folder), NOBODY, NOBODY);
      }
      const registry = createTestRegistry();
      const { url } = await serve(registry, [await registry.publish()]);
      const env = { HOME: home, SHEAF_LOG_KEY: registry.log.logKey, SHEAF_REGISTRY: url };
      const asNobody = (...args: readonly string[]) =>
        run(machine, args, { env, uid: NOBODY, cwd: join(machine.dir, 'project') });
      expect(await asNobody('run', '../flow', '--yes')).toMatchObject({ status: 0, stdout: 'hello\n' });
      expect(await asNobody('fetch', 'acme/deploy@1.0.0', '--yes')).toMatchObject({ status: 0 });
      expect(await asNobody('add', 'acme/deploy@1.0.0', '--yes')).toMatchObject({ status: 0 });
      const refused = await asNobody('run', '../flow', '--yes').then(() =>
        run(machine, ['run', '../flow', '--yes'], {
          env: { ...env, XDG_STATE_HOME: '' },
          uid: NOBODY,
          cwd: join(machine.dir, 'project'),
        }),
      );
      expect(refused.stderr).toContain(`${home}/.local`);
      expect(refused.status).toBe(1);
      expect(readdirSync(home)).toEqual([]);
    },
  );

  it('that cannot be used are named, with the variable that puts them elsewhere', () => {
    const machine = createMachine();
    writeFlow(join(machine.dir, 'flow'));
    writeFileSync(join(machine.dir, 'file'), '');
    const env = { XDG_STATE_HOME: join(machine.dir, 'file') };
    const { status, stderr } = machine.run(['run', './flow', '--yes'], { env });
    expect(status).not.toBe(0);
    expect(stderr).toContain('set XDG_STATE_HOME to a folder that you can write to');
    expect(stderr).not.toContain('internal.error');
  });
});

const script = spawnSync('script', ['--version'], { encoding: 'utf8' });
const canGiveTerminal = script.status === 0 && script.stdout.includes('util-linux');

describe.runIf(canGiveTerminal || process.env['CI'] !== undefined)('a terminal', () => {
  /** Runs a line of shell on a terminal of its own, with keys pressed before. */
  function onTerminal(machine: Machine, line: string, env: NodeJS.ProcessEnv, keys = ''): string {
    const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
      cwd: machine.dir,
      env: { ...machine.env, TERM: 'xterm', SHELL: '/bin/sh', ...env },
      input: keys,
      encoding: 'utf8',
    });
    return stdout.replaceAll('\r\n', '\n');
  }

  it('that is no wider than 20 columns, and knows ASCII alone, gets lines that fit', () => {
    const machine = createMachine();
    mkdirSync(join(machine.dir, 'config', 'sheaf'), { recursive: true });
    writeFlow(join(machine.dir, 'flow'));
    const shown = onTerminal(
      machine,
      `stty cols 20; ${SHEAF} validate flow; ${SHEAF} run ./nowhere; ${SHEAF} run ./flow --yes; ${SHEAF} status`,
      { LC_ALL: 'C', NO_COLOR: '1' },
    );
    expect(shown.replace(/\p{ASCII}/gu, '')).toBe('');
    expect(shown).toContain('+ greet');
    const long = shown.split('\n').filter((line) => line.trim().includes(' ') && line.length > 34);
    expect(long).toEqual([]);
  });

  it('of unknown width is taken for one of 80 columns', () => {
    const machine = createMachine();
    mkdirSync(join(machine.dir, 'config', 'sheaf'), { recursive: true });
    const shown = onTerminal(machine, `stty cols 0; ${SHEAF} whoami --registry nowhere`, { NO_COLOR: '1' });
    expect(shown).toContain('error[');
    for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('is greeted the first time, and not again', () => {
    const machine = createMachine();
    writeFlow(join(machine.dir, 'flow'));
    const shown = onTerminal(machine, `${SHEAF} validate flow; echo AGAIN; ${SHEAF} validate flow`, {
      NO_COLOR: '1',
    });
    const [first = '', again = ''] = shown.split('AGAIN');
    expect(first).toContain('sheaf is new here');
    expect(again.trim()).toBe('valid acme/flow 1.0.0 · 1 step');
  });
});

it('leaves nothing behind but what can be gone on with when a download is cancelled, and says that', async () => {
  const machine = createMachine();
  const registry = createTestRegistry();
  const noise = { path: 'scripts/noise', bytes: randomBytes(600_000), executable: false };
  const published = await registry.publish('acme/deploy', '1.0.0', { files: [noise] });
  const { blob, bundle } = published.packed;
  const etag = `"${bundle.digest}"`;
  const arrived = 300 * 1024;
  const rest = serveRegistry(registry, [published]);
  const ranges: (string | undefined)[] = [];
  let stalls = true;
  const { url } = await startServer((request, response, count) => {
    if (request.path === '/.well-known/sheaf-registry')
      sendJson(response, {
        origin: ORIGIN,
        api: ['v1'],
        logs: [{ realm: 'public', origin: `${ORIGIN}/log/public`, key: registry.log.logKey }],
        limits: { tarBytes: 1, files: 1, fileBytes: 1, definitionBytes: 1 },
        witnesses: [],
      });
    else if (request.path.startsWith('/v1/blobs/')) {
      ranges.push(request.headers.range);
      if (stalls) {
        response.writeHead(200, { etag, 'content-length': blob.length, 'accept-ranges': 'bytes' });
        // What was sent has to arrive first.
        response.write(blob.subarray(0, arrived), () => setTimeout(() => child.kill('SIGINT'), 300));
        return;
      }
      const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response
        .writeHead(from === 0 ? 200 : 206, {
          etag,
          'content-length': blob.length - from,
          ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` }),
        })
        .end(blob.subarray(from));
    } else rest(request, response, count);
  });
  const args = ['fetch', 'acme/deploy@1.0.0', '--registry', url, '--yes'];
  const env = { SHEAF_LOG_KEY: registry.log.logKey };
  const child = machine.start(args, { env });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect(status).toBe(130);
  expect(stderr).toContain(
    'error[cancelled]: cancelled before it was done\n  help: run it again: that is safe\n',
  );
  const cache = join(machine.dir, 'cache');
  const left = listFiles(cache).map((path) => relative(cache, path));
  expect(left.filter((path) => /tmp|lock|lease/.test(path))).toEqual([]);
  expect(left.filter((path) => path.includes('.part.'))).toHaveLength(1);
  stalls = false;
  expect((await run(machine, args, { env })).status).toBe(0);
  expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  expect(listFiles(cache).filter((path) => path.includes('.part.'))).toEqual([]);
});

it('kills at the second Ctrl-C what did not heed the first', async () => {
  const machine = createMachine();
  writeFlow(
    join(machine.dir, 'flow'),
    `id = "acme/flow"\nversion = "1.0.0"\n[steps.deaf]\nrun = "trap '' INT TERM HUP; echo $$ > pid; echo began; for i in {1..300}; do sleep 0.1; done"\n`,
  );
  const child = machine.start(['run', './flow', '--yes']);
  let stderr = '';
  let pressed = 0;
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (pressed === 0 && stderr.includes('began')) pressed += child.kill('SIGINT') ? 1 : 0;
    if (pressed === 1 && stderr.includes('again to kill')) pressed += child.kill('SIGINT') ? 1 : 0;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect([status, pressed]).toEqual([130, 2]);
  const pid = Number(readFileSync(join(machine.dir, 'pid'), 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow(expect.objectContaining({ code: 'ESRCH' }) as Error);
});

it('tells times to programs in UTC, wherever the machine stands', () => {
  const machine = createMachine();
  writeFlow(join(machine.dir, 'flow'));
  const started = Date.now();
  expect(machine.run(['run', './flow', '--yes'], { env: { TZ: 'Pacific/Kiritimati' } }).status).toBe(0);
  const times = ['Pacific/Kiritimati', 'America/Los_Angeles'].map(
    (TZ) => /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(machine.run(['status'], { env: { TZ } }).stdout)?.[0] ?? '',
  );
  expect(times[0]).toBe(times[1]);
  expect(Math.abs(Date.parse(times[0] ?? '') - started)).toBeLessThan(60_000);
});
