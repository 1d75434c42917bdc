import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '@sheaf/workflow';
import { testAction, type TestRun, type TestWorld } from '../src/action-testing/index.js';
import { loadBuiltIn } from '../src/actions/built-in.js';

let root = '';
let bin = '';
let record = '';

/** Writes down its arguments, what is in the files that they name, and does what `BEHAVIOUR` says. */
const FAKE = `#!/bin/sh
printf '%s\\n' "$(basename "$0")" "$@" >> "$RECORD"
[ "$1" = run ] || exit 0
for arg in "$@"; do
  case "$arg" in
    --env-file=*) cat "\${arg#--env-file=}" > "$RECORD.env" ;;
    *target=/run/secrets*) dir="\${arg#*source=}"; cat "\${dir%%,*}"/* > "$RECORD.secrets" ;;
    *target=/run/sheaf/output*) out="\${arg#*source=}"; echo 'answer=42' > "\${out%%,*}" ;;
  esac
done
eval "$BEHAVIOUR"
`;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sheaf-container-'));
  bin = join(root, 'bin');
  record = join(root, 'record');
  await mkdir(bin);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const install = async (...names: string[]): Promise<void> => {
  await rm(bin, { recursive: true, force: true });
  await mkdir(bin);
  await rm(record, { force: true });
  for (const name of names) {
    await writeFile(join(bin, name), FAKE);
    await chmod(join(bin, name), 0o755);
  }
};
const recorded = async (): Promise<readonly string[]> =>
  (await readFile(record, 'utf8')).trimEnd().split('\n');

const run = async (
  inputs: Readonly<Record<string, JsonValue>>,
  world: TestWorld = {},
  behaviour = 'echo hello',
): Promise<TestRun> => {
  const action = await loadBuiltIn('container');
  if (action === undefined) throw new TypeError('no action');
  const env = { PATH: `${bin}:/usr/bin:/bin`, RECORD: record, BEHAVIOUR: behaviour };
  const permissions = { exec: ['podman', 'docker'], read: ['.'], ...world.permissions };
  return testAction(action, { cwd: root, env, ...world, permissions }).run({
    image: 'alpine@sha256:00',
    ...inputs,
  });
};

describe('container', () => {
  it('runs a command without network, rights, or a file system that can be written to', async () => {
    await install('podman', 'docker');
    const { outputs, error } = await run({
      command: ['ls', '-l', '--', '; rm -rf /'],
      env: { N: 1, LIST: [1] },
    });
    expect(error).toBeUndefined();
    expect(outputs).toEqual({ stdout: 'hello', exit_code: 0, engine: 'podman', answer: '42' });
    const args = await recorded();
    expect(args.slice(0, 3)).toEqual(['podman', 'run', '--rm']);
    expect(args).toEqual(
      expect.arrayContaining([
        '--network=none',
        '--cap-drop=ALL',
        '--security-opt=no-new-privileges',
        '--read-only',
        '--pids-limit=512',
        '--memory=2048m',
        '--memory-swap=2048m',
        `--mount=type=bind,source=${root},target=/workspace,readonly`,
      ]),
    );
    expect(args.slice(args.indexOf('--'))).toEqual([
      '--',
      'alpine@sha256:00',
      'ls',
      '-l',
      '--',
      '; rm -rf /',
    ]);
    expect(await readFile(`${record}.env`, 'utf8')).toMatch(/^N=1\nLIST=\[1\]\nSHEAF_RUN_ID=test\n/);
  });

  it('hands secrets over as files, and in no argument and no variable', async () => {
    await install('docker');
    await run({ secrets: { TOKEN: 'sesame' } }, { permissions: { exec: ['docker'] } });
    expect(await readFile(`${record}.secrets`, 'utf8')).toBe('sesame');
    expect((await recorded()).join('\n')).not.toContain('sesame');
    expect(await readFile(`${record}.env`, 'utf8')).not.toContain('sesame');
    expect((await recorded())[0]).toBe('docker');
  });

  it('uses only what the run may start', async () => {
    await install('podman', 'docker');
    expect((await run({}, { permissions: { exec: ['docker'] } })).outputs['engine']).toBe('docker');
    expect((await run({}, { permissions: { exec: ['git'] } })).error?.code).toBe('policy.denied');
  });

  it('says what is missing', async () => {
    await install();
    const { error } = await run({}, { env: { PATH: bin } });
    expect(error).toMatchObject({ code: 'container.missing', hint: 'apt-get install podman' });
  });

  it('has a network, or a workspace to write to, only where the run may have it', async () => {
    await install('podman');
    expect((await run({ network: true })).error?.code).toBe('policy.denied');
    expect((await run({ writable: true })).error?.code).toBe('policy.denied');
    const { error } = await run(
      { network: true, writable: true },
      { permissions: { network: ['*'], write: ['.'] } },
    );
    expect(error).toBeUndefined();
    const args = await recorded();
    expect(args).not.toContain('--network=none');
    expect(args).toContain(`--mount=type=bind,source=${root},target=/workspace`);
  });

  it.each([
    ['an option in the place of an image', { image: '--privileged' }],
    ['a variable of several lines', { env: { A: 'x\nB=y' } }],
    ['a variable with a name that is none', { env: { 'A=B': 'x' } }],
    ['a secret that leads elsewhere', { secrets: { '../../etc/x': 'y' } }],
    ['a folder that says more', { workdir: '/w,source=/' }],
    ['a command and a script', { command: ['ls'], run: 'ls' }],
  ])('refuses %s', async (_, inputs) => {
    await install('podman');
    expect((await run(inputs)).error?.code).toBe('action.input');
  });

  it('tells a command that failed from a container that never ran', async () => {
    await install('podman');
    expect((await run({ run: 'exit 3' }, {}, 'exit 3')).error?.message).toBe(
      'the container ended with exit code 3',
    );
    const { error } = await run({}, {}, 'echo "no such image" >&2; exit 125');
    expect(error?.message).toBe('podman could not run the container: no such image');
  });

  it('removes the container when it is told to end: what it stopped was only a client', async () => {
    await install('podman');
    const { error } = await run({}, { signal: AbortSignal.timeout(200) }, 'sleep 60');
    expect(error?.code).toBe('action.cancelled');
    const args = await recorded();
    const name = args.find((arg) => arg.startsWith('--name='))?.slice('--name='.length);
    expect(args.slice(-3)).toEqual(['rm', '--force', name]);
  });
});
