import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDocuments } from '../packages/cli/test/json-documents.js';
import { startOwnRegistry, type OwnRegistry } from './support/own-registry.js';
import { cleanEnvironment } from './support/registry-environment.js';
import type { CliResult } from './support/sheaf.js';

/** Jobs of a CI that run what a lockfile holds: the very lines of the guide, on a machine that has nothing but its policy. */
const SHEAF = fileURLToPath(new URL('../packages/cli/bin/sheaf.js', import.meta.url));
const GUIDE = fileURLToPath(new URL('../docs/guides/pin-in-ci.md', import.meta.url));

/** It tries to pass for the CI: by commands of GitHub, and by sections of GitLab. */
const WORKFLOW = `id = "shop/notes"
version = "1.0.0"

[parameters.fail]
type = "boolean"
default = false

[steps.log]
run = '''
echo "::add-mask::x"; echo "  ::error file=a::not ours"; echo "now ##[group]x"
printf 'section_start:1:x\\r\\033[0Kfake\\n'
'''

[steps.tell]
needs = ["log"]
run = '''
if [ "$PARAM_FAIL" = true ]; then echo "curl: 403 ##[error]x"; exit 22; fi
echo "::notice::three commits"
'''

[outputs]
text = "\${{ steps.tell.outputs.stdout }}"
`;

let place: OwnRegistry;
let bin: string;
let project: string;
let trust: string;
beforeAll(async () => {
  place = await startOwnRegistry('ana', 'shop');
  const { dir, owner, registry } = place;
  const folder = join(owner.home, 'notes');
  bin = join(dir, 'bin');
  project = join(dir, 'a project');
  for (const path of [folder, bin, project]) await mkdir(path);
  await writeFile(join(bin, 'sheaf'), `#!/bin/sh\nexec "${process.execPath}" "${SHEAF}" "$@"\n`);
  await chmod(join(bin, 'sheaf'), 0o755);
  await writeFile(join(folder, 'workflow.toml'), WORKFLOW);
  await owner.ok(['publish', '--yes'], { cwd: folder });
  await writeFile(
    join(project, 'sheaf.toml'),
    `[registries]\ndefault = "${registry.url}"\n\n[workflows]\nnotes = "shop/notes@^1"\n`,
  );
  await owner.ok(['lock', '--yes'], { cwd: project });
  const lock = await readFile(join(project, 'sheaf.lock'), 'utf8');
  const find = (pattern: RegExp): string => pattern.exec(lock)?.[1] ?? '';
  trust = `version = 1
mode = "allowlist"
[[registry]]
origin = "${find(/^origin = "(.*)"$/m)}"
log_key = "${find(/^log_key = "(.*)"$/m)}"
[[publisher]]
namespace = "shop"
keys = ["${find(/^signers = \["(.*)"\]$/m)}"]
`;
}, 120_000);
afterAll(() => place.close());

/** The lines of a shell in the snippet of the guide that has a word; installing is left out. */
async function linesOfGuide(word: string): Promise<readonly string[]> {
  const blocks = (await readFile(GUIDE, 'utf8')).match(/^```yaml\n[^]*?^```/gm) ?? [];
  const block = blocks.find((each) => each.includes(word)) ?? '';
  const list = word === 'runs-on' ? block : /^ {2}script:\n((?: {4}- .*\n)+)/m.exec(block)?.[1];
  const lines = (list ?? '').match(word === 'runs-on' ? /(?<=- run: ).*/g : /(?<=- ).*/g) ?? [];
  expect(lines[0]).toBe('npm install --global @sheaf/cli');
  return lines.slice(1);
}

interface Job {
  readonly env: Readonly<Record<string, string>>;
  shell(line: string): Promise<CliResult>;
  read(file: string): Promise<string>;
}

/** A machine that never saw this project, with a checkout of it. */
async function startJob(name: string, env: Readonly<Record<string, string>>): Promise<Job> {
  const home = join(place.dir, name);
  const checkout = join(home, 'checkout');
  await mkdir(checkout, { recursive: true });
  for (const file of ['sheaf.toml', 'sheaf.lock'])
    await writeFile(join(checkout, file), await readFile(join(project, file)));
  const policy = join(home, 'trust.toml');
  const base = cleanEnvironment();
  const full = {
    ...base,
    ...env,
    CI: 'true',
    HOME: home,
    PATH: `${bin}:${base['PATH'] ?? ''}`,
    SHEAF_PROFILE: 'permissive',
    SHEAF_TRUST_POLICY: policy,
    TRUST: trust,
  };
  return {
    env: full,
    shell: (line) => runShell(line, checkout, full),
    read: (file) => readFile(join(checkout, file), 'utf8'),
  };
}

function runShell(
  line: string,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CliResult> {
  const child = spawn('bash', ['-e', '-c', line], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const result = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (result[name] += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, ...result });
    });
  });
}

/** What was printed, with all that differs from run to run replaced. */
function transcript({ code, stdout, stderr }: CliResult): string {
  return `-- stdout\n${stdout}-- stderr\n${stderr}-- exit ${code ?? 'by signal'}\n`
    .replaceAll(place.dir, '<dir>')
    .replaceAll(place.registry.url, '<registry>')
    .replaceAll('\r\u001b[0K', '<CR ESC [0K>')
    .replace(/section_(start|end):\d+/g, 'section_$1:<time>')
    .replace(/[0-9a-f]{4}…[0-9a-f]{4}/g, '<key>')
    .replace(/::[0-9a-f]{32}(::)?$/gm, '::<word>$1')
    .replace(/log #\d+/g, 'log #<n>')
    .replace(/\b(run|logs|rerun) [0-9a-hjkmnp-tv-z]{10}\b/g, '$1 <run>')
    .replace(/\d+\.\d s\b/g, '0.0 s');
}

/**
 * The commands that the runner of GitHub would carry out: `::name` at the beginning of a line, `##[name]` anywhere in one, and
 * none from `::stop-commands::WORD` to `::WORD::` (actions/runner, ActionCommandManager.cs).
 */
function listCommands(text: string): readonly string[] {
  let word: string | undefined;
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const [, name, stop] = /^\s*::([\w-]+)(?:[^:]*::(.*))?/.exec(line) ?? [];
    if (word !== undefined) {
      if (line.trim() === `::${word}::`) word = undefined;
    } else if (name === 'stop-commands') word = stop;
    else if (name !== undefined) found.push(name);
    else found.push(...[...line.matchAll(/##\[([\w-]+)/g)].map((match) => match[1] ?? ''));
  }
  expect(word).toBeUndefined();
  return found;
}

describe('on GitHub', () => {
  const env = (job: string) => ({
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: join(place.dir, `${job}.md`),
    GITHUB_WORKSPACE: join(place.dir, job, 'checkout'),
  });

  test('the lines of the guide verify and run what is locked, and leave a page and two reports', async () => {
    const job = await startJob('github', env('github'));
    const lines = await linesOfGuide('runs-on');
    const results = [];
    for (const line of lines) results.push(await job.shell(line));
    expect(results.map(({ code, stderr }) => [code, code === 0 ? '' : stderr])).toEqual(
      lines.map(() => [0, '']),
    );
    const ran = results.at(-1);
    if (ran === undefined) throw new Error('the guide runs nothing');
    await expect(transcript(ran)).toMatchFileSnapshot('golden/ci-github.txt');
    expect(listCommands(ran.stderr)).toEqual(['group', 'endgroup', 'group', 'endgroup']);
    expect(listCommands(ran.stdout)).toEqual([]);

    const report = await job.read('reports/notes.json');
    checkDocuments(JSON.stringify(JSON.parse(report)));
    const summary = JSON.parse(report) as Record<string, unknown>;
    expect(summary).toMatchObject({
      schema: 'sheaf.run-summary/1',
      status: 'succeeded',
      exitCode: 0,
      workflow: { id: 'shop/notes', version: '1.0.0' },
      verified: { signers: [/keys = \["(.*)"\]/.exec(trust)?.[1]] },
      steps: [{ id: 'log', status: 'succeeded' }, { id: 'tell' }],
      outputs: { text: '::notice::three commits' },
    });
    expect(await job.read('reports/notes.xml')).toContain('<testcase classname="shop/notes" name="tell"');
    const page = await readFile(env('github').GITHUB_STEP_SUMMARY, 'utf8');
    expect(page).toMatch(/^### ✓ .* succeeded in /);
    expect(page).toMatch(/^verified: signed by `.*`, log #\d+, `sha256:[0-9a-f]{64}`$/m);
  });

  test('a step that fails is marked, and nothing that it wrote is a command', async () => {
    const job = await startJob('failing', env('failing'));
    await job.shell(`printf '%s' "$TRUST" > "$SHEAF_TRUST_POLICY"`);
    const ran = await job.shell('sheaf run notes --yes -p fail=true --summary s.json --junit j.xml');
    await expect(transcript(ran)).toMatchFileSnapshot('golden/ci-github-failed.txt');
    expect(ran.code).toBe(8);
    expect(listCommands(ran.stderr)).toEqual(['group', 'endgroup', 'group', 'endgroup', 'error']);
    expect(JSON.parse(await job.read('s.json'))).toMatchObject({
      status: 'failed',
      exitCode: 8,
      failure: { step: 'tell', lines: ['curl: 403 ##[error]x'] },
    });
    expect(await job.read('j.xml')).toContain('<failure type="step.exit" message="exit 22">');
    const [, runId = ''] = /sheaf logs (\w+)/.exec(ran.stderr) ?? [];
    for (const step of ['log', 'tell', '']) {
      const logs = await job.shell(`sheaf logs ${runId} ${step}; sheaf logs ${runId} ${step} --follow`);
      expect(logs.stdout).toContain(step === 'log' ? '::add-mask::x' : '##[error]x');
      expect(listCommands(logs.stdout + logs.stderr)).toEqual([]);
    }
    const refused = await job.shell("sheaf info 'x ##[group]x' || sheaf run notes -p '::notice::=1'");
    expect(listCommands(refused.stderr)).toEqual(['error', 'error']);
    expect(await readFile(env('failing').GITHUB_STEP_SUMMARY, 'utf8')).toContain('| `tell` | ✗ failed');
  });

  test('a lockfile that does not fit runs nothing, and the reports say so', async () => {
    const job = await startJob('stale', env('stale'));
    await job.shell(`printf '%s' "$TRUST" > "$SHEAF_TRUST_POLICY"; sed -i 's/\\^1/^2/' sheaf.toml`);
    const ran = await job.shell('sheaf run notes --yes --summary s.json --junit j.xml');
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('(--locked, because CI=true)');
    expect(ran.stderr).toMatch(
      /^::error file=sheaf\.lock,title=lock\.stale::sheaf\.lock does not match .*%0Anotes /m,
    );
    expect(JSON.parse(await job.read('s.json'))).toMatchObject({
      status: 'not_started',
      exitCode: 1,
      error: { code: 'lock.stale' },
    });
    expect(await job.read('j.xml')).toContain('<error type="lock.stale"');
    expect(await readFile(env('stale').GITHUB_STEP_SUMMARY, 'utf8')).toContain('was not run');
  });
});

describe('on GitLab', () => {
  test('the lines of the guide verify and run what is locked, each step in a section', async () => {
    const home = join(place.dir, 'gitlab');
    const policy = join(place.dir, 'gitlab-trust.toml');
    await writeFile(policy, trust);
    const job = await startJob('gitlab', {
      GITLAB_CI: 'true',
      XDG_CACHE_HOME: join(home, 'checkout', '.cache'),
    });
    const results = [];
    for (const line of await linesOfGuide('image: node'))
      results.push(await job.shell(`export SHEAF_TRUST_POLICY='${policy}'; ${line}`));
    expect(results.map(({ code }) => code)).toEqual(results.map(() => 0));
    const ran = results.at(-1);
    if (ran === undefined) throw new Error('the guide runs nothing');
    await expect(transcript(ran)).toMatchFileSnapshot('golden/ci-gitlab.txt');
    expect(
      ran.stderr.match(/^section_(start|end):\d+:\w+/gm)?.map((line) => line.replace(/\d+/, 'T')),
    ).toEqual([
      'section_start:T:sheaf_log',
      'section_end:T:sheaf_log',
      'section_start:T:sheaf_tell',
      'section_end:T:sheaf_tell',
    ]);
    expect(await job.read('reports/notes.xml')).toContain('<testsuite name="shop/notes 1.0.0"');
  });
});
