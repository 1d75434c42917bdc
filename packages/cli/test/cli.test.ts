import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { VERBS } from '../src/verbs.js';
import { buildCli, createMachine, PACKAGE_DIR, transcript, type Finished, type Machine } from './harness.js';

beforeAll(() => {
  buildCli();
});

/** Verbs whose page lists verbs of their own. */

/** Runs, and compares all that is printed with a file in `golden/`. */
async function expectGolden(
  machine: Machine,
  name: string,
  args: readonly string[],
  options?: Parameters<Machine['run']>[1],
): Promise<Finished> {
  const finished = machine.run(args, options);
  await expect(transcript(machine, args.join(' '), finished)).toMatchFileSnapshot(`golden/${name}.txt`);
  return finished;
}

function writeWorkflow(machine: Machine, name: string, text: string): string {
  const dir = join(machine.dir, name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'workflow.toml'), text);
  return dir;
}

function parseJson(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

describe('the entry', () => {
  it('prints its version and nothing else', () => {
    const { version } = parseJson(readFileSync(join(PACKAGE_DIR, 'package.json'), 'utf8'));
    expect(createMachine().run(['--version'])).toEqual({
      status: 0,
      stdout: `sheaf ${String(version)}\n`,
      stderr: '',
    });
  });

  it('prints the same help without arguments, for help and for --help, on one small page', () => {
    const machine = createMachine();
    const { status, stdout, stderr } = machine.run([]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(machine.run(['help']).stdout).toBe(stdout);
    expect(machine.run(['--help']).stdout).toBe(stdout);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(20);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(78);
    expect(lines.filter((line) => line.startsWith('  sheaf '))).toHaveLength(3);
    for (const { name } of VERBS.filter((verb) => verb.rare !== true))
      expect(stdout, name).toMatch(new RegExp(`[ ·]${name}( |$)`, 'm'));
  });

  it('answers with JSON under --json, also for its version and its help', () => {
    const machine = createMachine();
    const schemaOf = (...args: string[]): unknown => parseJson(machine.run(args).stdout)['schema'];
    expect(schemaOf('--version', '--json')).toBe('sheaf.version/1');
    for (const args of [
      ['help'],
      ['--help'],
      ['run', '--help'],
      ['help', 'run'],
      ['key'],
      ['key', 'list', '--help'],
    ])
      expect(schemaOf(...args, '--json'), args.join(' ')).toBe('sheaf.help/1');
  });

  it('says of the verbs that print JSON lines that they do, and how many words one takes', () => {
    const machine = createMachine();
    expect(machine.run(['run', '--help']).stdout).toContain('the last line is the result');
    expect(machine.run(['search', '--help']).stdout).toContain('sheaf search [WORD …] [flags]');
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', '--registry', 'http://127.0.0.1:1/%'];
    expect(machine.run(['search', ...many]).stderr).not.toContain('does not take');
  }, 60_000);

  it('says more about a verb, a command of it, a topic and a code', () => {
    const machine = createMachine();
    expect(machine.run(['run', '--help']).stdout).toContain('exits  0 done');
    expect(machine.run(['help', 'key', 'generate']).stdout).toContain('json   sheaf.key-generate/1');
    expect(machine.run(['help', 'environment']).stdout).toContain('SHEAF_REGISTRY');
    const explained = machine.run(['--explain', 'log.fork', '--json']);
    expect(parseJson(explained.stdout)).toMatchObject({ name: 'log.fork', explanation: { exitCode: 3 } });
    expect(machine.run(['help', 'log.frok'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('help: did you mean sheaf help log.fork') as string,
    });
  });

  it('suggests the verb and the flag that were probably meant', async () => {
    const machine = createMachine();
    expect((await expectGolden(machine, 'unknown-verb', ['pubish'])).status).toBe(2);
    expect(
      (await expectGolden(machine, 'unknown-flag', ['run', '--max-paralel', '2', 'x/y', '--json'])).status,
    ).toBe(2);
    expect(machine.run(['verify', 'workflow.toml']).stderr).toContain('sheaf validate workflow.toml');
    expect(machine.run(['--json', 'search']).stderr).toContain('flags stand after the verb');
  });

  it('does not mind a reader that goes away', async () => {
    const child = createMachine().start(['schema']);
    child.stdout?.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

describe('key', () => {
  it('makes a key that only its owner can read, and never overwrites it', async () => {
    const machine = createMachine();
    await expectGolden(machine, 'key-generate', ['key', 'generate', '--name', 'laptop', '--no-passphrase']);
    const dir = join(machine.dir, 'config', 'sheaf', 'keys');
    const before = readFileSync(join(dir, 'laptop.json'));
    expect([statSync(dir).mode & 0o777, statSync(join(dir, 'laptop.json')).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
    expect(
      (await expectGolden(machine, 'key-exists', ['key', 'generate', '--name', 'laptop', '--no-passphrase']))
        .status,
    ).toBe(1);
    expect(readFileSync(join(dir, 'laptop.json'))).toEqual(before);
    await expectGolden(machine, 'key-list', ['key', 'list', '--json']);
  });

  it('asks for nothing without a terminal, and takes the passphrase from the environment', async () => {
    const machine = createMachine();
    expect((await expectGolden(machine, 'key-passphrase', ['key', 'generate', '--name', 'ci'])).status).toBe(
      5,
    );
    const { status } = machine.run(['key', 'generate', '--name', 'ci'], {
      env: { SHEAF_KEY_PASSPHRASE: 'correct horse' },
    });
    expect(status).toBe(0);
    expect(machine.run(['key', 'list']).stdout).toMatch(/^ci\t[0-9a-f]{64}\tpassphrase\t/);
  });

  it('closes a key file that others can read, and says so', () => {
    const machine = createMachine();
    machine.run(['key', 'generate', '--name', 'laptop', '--no-passphrase']);
    const path = join(machine.dir, 'config', 'sheaf', 'keys', 'laptop.json');
    chmodSync(path, 0o644);
    expect(machine.run(['key', 'list']).stderr).toContain('could be read by others (mode 0644)');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(['../x', 'a/b', '', '.x'])('refuses %j for a name', (name) => {
    expect(createMachine().run(['key', 'generate', '--name', name, '--no-passphrase']).status).toBe(2);
  });
});

describe('init, validate, pack', () => {
  it('starts a workflow that is valid, packs and runs as it is', async () => {
    const machine = createMachine();
    await expectGolden(machine, 'init', ['init', 'my-flow']);
    const cwd = join(machine.dir, 'my-flow');
    expect(machine.run(['validate'], { cwd })).toMatchObject({ status: 0, stderr: '' });
    const packed = machine.run(['pack', '-o', '../flow.tar.gz'], { cwd });
    const tar = gunzipSync(readFileSync(join(machine.dir, 'flow.tar.gz')));
    expect(packed.stdout).toBe(`sha256:${createHash('sha256').update(tar).digest('hex')}\n`);
    expect(machine.run(['pack', 'my-flow']).stdout).toBe(packed.stdout);
    const ran = machine.run(['run', '.', '-p', 'who=Ana'], { cwd });
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.stdout).toContain('Ana');
    expect(ran.stderr).toContain('unsigned: . (your working tree)');
  });

  it('takes the name of the only key for the namespace, and the one that is given before it', () => {
    const machine = createMachine();
    machine.run(['key', 'generate', '--name', 'acme', '--no-passphrase']);
    expect(parseJson(machine.run(['init', 'a', '--json']).stdout)).toMatchObject({ id: 'acme/a' });
    expect(parseJson(machine.run(['init', 'b', '--namespace', 'other', '--json']).stdout)).toMatchObject({
      id: 'other/b',
    });
  });

  it('says that two keys name no namespace, and what to type', () => {
    const machine = createMachine();
    for (const name of ['me', 'two']) machine.run(['key', 'generate', '--name', name, '--no-passphrase']);
    const args = ['init', 'my flow', '--template', 'report'];
    const { status, stderr } = machine.run(args, { env: { USER: 'root' } });
    expect(status).toBe(2);
    expect(stderr).toContain('you have 2 keys, so none of them says it: me, two');
    for (const name of ['me', 'two'])
      expect(stderr).toContain(`sheaf init 'my flow' --template report --namespace ${name}\n`);
  });

  it('starts nothing under a name that no registry takes', () => {
    const machine = createMachine();
    const { status, stderr } = machine.run(['init', 'flow', '--namespace', 'acme']);
    expect([status, readdirSync(machine.dir)]).toEqual([7, []]);
    expect(stderr).toContain('error[name.reserved]');
    expect(stderr).toContain('sheaf init my-flow; nothing was written');
  });

  it('overwrites nothing', () => {
    const machine = createMachine();
    const dir = writeWorkflow(machine, 'taken', 'mine');
    const { status, stderr } = machine.run(['init', 'taken']);
    expect([status, readFileSync(join(dir, 'workflow.toml'), 'utf8'), readdirSync(dir)]).toEqual([
      1,
      'mine',
      ['workflow.toml'],
    ]);
    expect(stderr).toContain('error[init.in_the_way]');
  });

  it('says where a definition is wrong, for people and for programs', async () => {
    const machine = createMachine();
    const cwd = writeWorkflow(
      machine,
      'wrong',
      [
        'id = "acme/wrong"',
        'version = "1"',
        'tag = ["x"]',
        '[steps.log]',
        "run = 'true'",
        '[steps.tell]',
        'needs = ["lgo"]',
        "run = 'echo ${{ params.x }}'",
        '',
      ].join('\n'),
    );
    expect((await expectGolden(machine, 'validate-wrong', ['validate'], { cwd })).status).toBe(7);
    const json = machine.run(['validate', '--json'], { cwd });
    expect(json.status).toBe(7);
    expect(parseJson(json.stdout)).toMatchObject({ schema: 'sheaf.validate/1', valid: false });
    expect((await expectGolden(machine, 'pack-wrong', ['pack', '--json'], { cwd })).status).toBe(7);
  });

  it('packs no symbolic link, wherever it leads', () => {
    const machine = createMachine();
    const dir = writeWorkflow(
      machine,
      'linked',
      'id = "acme/x"\nversion = "1.0.0"\n[bundle]\ninclude = ["data/**"]\n[steps.a]\nrun = "true"\n',
    );
    mkdirSync(join(dir, 'data'));
    symlinkSync('/etc/passwd', join(dir, 'data', 'passwd'));
    expect(machine.run(['pack', 'linked'])).toMatchObject({ status: 7, stdout: '' });
    expect(machine.run(['pack', 'linked']).stderr).toContain('error[pack.symlink]: data/passwd');
  });

  it('looks into tool folders only when a glob names them', () => {
    const machine = createMachine();
    const text = (include: string): string =>
      `id = "acme/x"\nversion = "1.0.0"\n[bundle]\ninclude = ["${include}"]\n[steps.a]\nrun = "true"\n`;
    const dir = writeWorkflow(machine, 'tools', text('**'));
    for (const folder of ['.git', 'node_modules']) {
      mkdirSync(join(dir, folder));
      writeFileSync(join(dir, folder, 'x'), 'x');
    }
    const pathsOf = (): unknown =>
      (
        parseJson(machine.run(['pack', 'tools', '--json']).stdout)['files'] as { readonly path: string }[]
      ).map(({ path }) => path);
    expect(pathsOf()).toEqual(['workflow.toml']);
    writeFileSync(join(dir, 'workflow.toml'), text('node_modules/**'));
    expect(pathsOf()).toEqual(['node_modules/x', 'workflow.toml']);
  });

  it('names a folder without a definition', async () => {
    const machine = createMachine();
    await expectGolden(machine, 'validate-nothing', ['validate']);
  });
});

const FLOW = `id = "acme/flow"
version = "1.0.0"
[parameters.who]
type = "string"
default = "world"
[steps.greet]
run = 'printf "hello %s" "$PARAM_WHO"'
[steps.count]
needs = ["greet"]
run = 'printf "words=2\\n" > "$SHEAF_OUTPUT"; echo counted >&2'
[outputs]
greeting = "\${{ steps.greet.outputs.stdout }}"
words = "\${{ steps.count.outputs.words }}"
`;

describe('plan and run', () => {
  it('shows what would run', async () => {
    const machine = createMachine();
    writeWorkflow(machine, 'flow', FLOW);
    await expectGolden(machine, 'plan', ['plan', './flow', '-p', 'who=you']);
    await expectGolden(machine, 'plan-json', ['plan', './flow', '--json']);
  });

  it('prints outputs on stdout and everything else on stderr, and remembers the run', async () => {
    const machine = createMachine();
    writeWorkflow(machine, 'flow', FLOW);
    expect((await expectGolden(machine, 'run', ['run', './flow', '--max-parallel', '1'])).status).toBe(0);
    await expectGolden(machine, 'status', ['status']);
    const [runId = ''] = machine.run(['status']).stdout.split('\t', 1);
    expect(machine.run(['logs', runId, 'count']).stdout).toBe('counted\n');
    expect((await expectGolden(machine, 'status-run', ['status', runId])).status).toBe(0);
    expect(machine.run(['resume', runId]).stdout).toBe(machine.run(['run', './flow']).stdout);
  });

  it('prints events and one final document as JSON lines', () => {
    const machine = createMachine();
    writeWorkflow(machine, 'flow', FLOW);
    const documents = machine.run(['run', './flow', '--json']).stdout.trimEnd().split('\n').map(parseJson);
    expect(new Set(documents.slice(0, -1).map((each) => each['schema']))).toEqual(
      new Set(['sheaf.run-event/1']),
    );
    expect(documents.at(-1)).toMatchObject({
      schema: 'sheaf.run/1',
      status: 'succeeded',
      outputs: { greeting: 'hello world', words: '2' },
    });
  });

  it('says which parameter is wrong before anything runs', async () => {
    const machine = createMachine();
    writeWorkflow(machine, 'flow', FLOW);
    expect((await expectGolden(machine, 'run-parameter', ['run', './flow', '-p', 'woh=x'])).status).toBe(2);
    expect(machine.run(['status']).stdout).toBe('');
  });

  it('shows how a step failed, and ends with 8', async () => {
    const machine = createMachine();
    writeWorkflow(
      machine,
      'bad',
      `id = "acme/bad"\nversion = "1.0.0"\n[steps.tell]\nrun = 'for i in $(seq 25); do echo "line $i"; done; printf "\\033[2Jcurl: 403\\n"; exit 22'\n[steps.after]\nneeds = ["tell"]\nrun = 'true'\n`,
    );
    expect((await expectGolden(machine, 'run-failed', ['run', './bad'])).status).toBe(8);
    const last = machine.run(['run', './bad', '--json']).stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(parseJson(last)).toMatchObject({
      schema: 'sheaf.run/1',
      status: 'failed',
      failure: { code: 'step.failed', step: 'tell', totalLines: 26 },
    });
  });

  it('gives no secret of its own to a step', () => {
    const machine = createMachine();
    writeWorkflow(
      machine,
      'env',
      `id = "acme/env"\nversion = "1.0.0"\n[steps.a]\nrun = 'env'\n[outputs]\nenv = "\${{ steps.a.outputs.stdout }}"\n`,
    );
    const { stdout, status } = machine.run(['run', './env'], {
      env: {
        SHEAF_TOKEN: 'secret-1',
        SHEAF_SIGNING_KEY: 'secret-2',
        SHEAF_KEY_PASSPHRASE: 'secret-3',
        AWS_SECRET_ACCESS_KEY: 'secret-4',
      },
    });
    expect(status).toBe(0);
    expect(stdout).toContain('SHEAF_STEP=a');
    expect(stdout).not.toContain('secret-');
  });

  it('stops at SIGINT with 130, and goes on where it was', async () => {
    const machine = createMachine();
    const flag = join(machine.dir, 'go');
    writeWorkflow(
      machine,
      'slow',
      `id = "acme/slow"\nversion = "1.0.0"\n[steps.a]\nrun = 'echo x >> a-ran; echo a'\n[steps.b]\nneeds = ["a"]\nrun = 'echo b-began; test -e go || sleep 30; echo b'\n[outputs]\nb = "\${{ steps.b.outputs.stdout }}"\n`,
    );
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const child = machine.start(['run', './slow']);
      let text = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('b-began')) child.kill(signal);
      });
      expect(await once(child, 'exit')).toEqual(signal === 'SIGINT' ? [130, null] : [null, 'SIGKILL']);
      if (signal === 'SIGINT') expect(text).toContain('error[run.cancelled]');
    }
    const runs = parseJson(machine.run(['status', '--json']).stdout)['runs'] as {
      readonly runId: string;
      readonly status: string;
      readonly startedAt: string;
    }[];
    expect(runs.map((run) => run.status)).toEqual(['interrupted', 'cancelled']);
    expect(runs[0]?.startedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const killed = machine.run(['status', runs[0]?.runId ?? '']).stdout;
    expect(killed).toContain('! interrupted  b');
    expect(killed).not.toContain('running');
    writeFileSync(flag, '');
    for (const { runId } of runs)
      expect(machine.run(['resume', runId])).toMatchObject({ status: 0, stdout: 'b-began\nb\n' });
    expect(readFileSync(join(machine.dir, 'a-ran'), 'utf8')).toBe('x\nx\n');
  }, 60_000);
});

describe('the world around', () => {
  it('says what to set when there is no home, and needs none to validate', () => {
    const machine = createMachine();
    const cwd = writeWorkflow(machine, 'flow', FLOW);
    const env = { XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', XDG_CACHE_HOME: '', HOME: '' };
    expect(machine.run(['validate'], { cwd, env }).status).toBe(0);
    const { stderr, status } = machine.run(['key', 'list'], { env });
    expect([status, stderr]).toEqual([
      1,
      'error[config.home_missing]: neither XDG_CONFIG_HOME nor HOME says where to keep files\n  help: set HOME, or XDG_CONFIG_HOME, to an absolute path\n',
    ]);
  });

  it('names the variable that puts a folder elsewhere when it cannot be made', () => {
    const machine = createMachine();
    writeWorkflow(machine, 'flow', FLOW);
    writeFileSync(join(machine.dir, 'file'), '');
    const broken = join(machine.dir, 'file', 'state');
    const { status, stderr } = machine.run(['run', './flow'], { env: { XDG_STATE_HOME: broken } });
    expect(status).toBe(1);
    expect(stderr).toContain('or set XDG_STATE_HOME to a folder that you can write to');
  });

  it('names the registry that does not answer, and what to do', () => {
    const machine = createMachine();
    const { status, stdout, stderr } = machine.run([
      'search',
      'x',
      '--json',
      '--registry',
      'http://127.0.0.1:1',
    ]);
    expect(status).toBe(6);
    expect(parseJson(stdout)).toMatchObject({
      schema: 'sheaf.error/1',
      code: 'network.unreachable',
      exitCode: 6,
    });
    expect(stderr).toContain('http://127.0.0.1:1');
  }, 60_000);

  it('refuses to publish without a token before it asks or sends anything', () => {
    const machine = createMachine();
    machine.run(['init', 'my-flow']);
    const { status, stderr } = machine.run(['publish', 'my-flow', '--registry', 'http://127.0.0.1:1']);
    expect([status, stderr.split('\n', 1)[0]]).toEqual([
      5,
      'error[auth.required]: not signed in to http://127.0.0.1:1',
    ]);
    expect(existsSync(join(machine.dir, 'state'))).toBe(false);
  });

  it('refuses a folder that could pass for a published workflow', () => {
    const machine = createMachine();
    writeWorkflow(machine, 'acme/flow', FLOW);
    expect(machine.run(['run', 'acme/flow'])).toMatchObject({ status: 2, stdout: '' });
  });

  it('shows no stack trace unless it is asked to', () => {
    const machine = createMachine();
    mkdirSync(join(machine.dir, 'config', 'sheaf'), { recursive: true });
    writeFileSync(join(machine.dir, 'config', 'sheaf', 'config.toml'), 'registry = [');
    expect(machine.run(['search']).stderr).not.toMatch(/^ +at /m);
    expect(machine.run(['search'], { env: { SHEAF_DEBUG: '1' } }).stderr).toMatch(/^ +at /m);
  });
});
