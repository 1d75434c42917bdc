import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine, type Engine, type RunRequest, type StepShell } from '@sheaf/engine';
import { describe, expect, it } from 'vitest';
import { findSandboxing } from '../src/isolation/find-bwrap.js';
import { testPlan, testStep } from '../src/testing/plan.js';
import { git, makeRepository } from './repositories.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const sandboxing = await findSandboxing({
  has: () => false,
  keep: () => undefined,
  forget: () => undefined,
});
const canConfine = 'tools' in sandboxing;
if (!canConfine) {
  const said = `the tests of a sandboxed workspace need bubblewrap: ${sandboxing.why}`;
  if (process.env['CI'] === 'true') throw new Error(said);
  console.warn(`SKIPPED: ${said}`);
}

const SECRET = 'the-value-of-a-secret';

/** A run that failed in its second step, in a worktree, and what is done with it. */
async function afterFailure<T>(
  work: (engine: Engine, runId: string) => Promise<T>,
  request: Partial<RunRequest> = {},
): Promise<T> {
  const root = makeRepository(join(folder(), 'my répo'), { 'a.txt': 'one' });
  const engine = await openEngine({
    stateDir: join(folder(), 'state'),
    secrets: {
      find: (name) =>
        Promise.resolve(name === 'KEY' ? { value: SECRET, source: 'here', version: '1' } : undefined),
    },
  });
  try {
    const plan = testPlan(
      [
        testStep('first', { run: 'echo 7' }),
        testStep('second', {
          run: 'exit 3',
          needs: ['first'],
          env: { COUNT: '${{ steps.first.outputs.stdout }}', KEY: '${{ params.token }}' },
        }),
      ],
      {
        parameters: { token: 'KEY', who: 'Ana' },
        parameterTypes: { token: 'secret' },
        permissions: { network: [], exec: ['bash', 'git'], read: ['.'], write: ['out/**'], secrets: ['KEY'] },
      },
    );
    const { runId } = await engine.run({
      plan,
      cwd: root,
      source: { kind: 'local', path: root },
      workspace: { kind: 'run' },
      ...request,
    });
    return await work(engine, runId);
  } finally {
    engine.close();
  }
}

/** What a script prints when it is given to the shell. */
function ask({ start }: StepShell, script: string): string {
  const place = folder();
  const inputs = start.inputs.map((bytes, at) => {
    writeFileSync(join(place, String(at)), bytes);
    return openSync(join(place, String(at)), 'r');
  });
  const { stdout, stderr } = spawnSync(start.file, [...start.args, '-c', script], {
    cwd: start.cwd,
    env: { ...start.env },
    stdio: ['ignore', 'pipe', 'pipe', ...inputs],
    encoding: 'utf8',
  });
  for (const input of inputs) closeSync(input);
  return `${stdout}${stderr}`;
}

describe('a shell in a workspace', () => {
  it('has the environment of the step that failed, and none of its secrets', async () => {
    const { shell, where } = await afterFailure(async (engine, runId) => ({
      shell: await engine.shell(runId, { shell: '/bin/sh' }),
      where: engine.getRun(runId).workDir,
    }));
    expect(shell).toMatchObject({ step: 'second', cwd: where, withheld: ['KEY'], sandbox: 'none' });
    expect(JSON.stringify(shell)).not.toContain(SECRET);
    expect(shell.variables).toMatchObject({ COUNT: '7', PARAM_WHO: 'Ana', SHEAF_STEP: 'second' });
    expect(Object.keys(shell.variables)).not.toContain('PARAM_TOKEN');
  });

  it('works where the steps worked', async () => {
    const said = await afterFailure(async (engine, runId) => {
      const shell = await engine.shell(runId, { shell: '/bin/sh', step: 'first' });
      return [ask(shell, 'pwd; cat a.txt; echo " $SHEAF_STEP ${COUNT-none}"'), shell.cwd];
    });
    expect(said[0]).toBe(`${said[1] ?? ''}\none first none\n`);
  });

  it('has the secrets of the step when they are asked for', async () => {
    const shell = await afterFailure((engine, runId) =>
      engine.shell(runId, { shell: '/bin/sh', withSecrets: true }),
    );
    expect([shell.variables['KEY'], shell.withheld]).toEqual([SECRET, []]);
  });

  it('is refused for a step that is not there, and where the workspace is gone', async () => {
    await afterFailure(async (engine, runId) => {
      await expect(engine.shell(runId, { shell: '/bin/sh', step: 'third' })).rejects.toMatchObject({
        code: 'step.not_found',
      });
      const [kept] = await engine.listWorkspaces();
      if (kept === undefined) throw new Error('nothing was kept');
      await engine.removeWorkspace(kept);
      await expect(engine.shell(runId, { shell: '/bin/sh' })).rejects.toMatchObject({
        code: 'run.folder_missing',
      });
      // Nor can the run be gone on with in it; done again it gets another one.
      const again = await engine.rerun(runId, { from: 'second' });
      expect(engine.readEvents(again.runId).map(({ type }) => type)).toContain('workspace.created');
    });
  });
});

describe.runIf(canConfine)('a worktree under the secure profile', () => {
  it('lets its shell see the repository, and write only what the workflow may', async () => {
    const said = await afterFailure(
      async (engine, runId) => {
        const shell = await engine.shell(runId, { shell: '/bin/sh' });
        expect(shell.sandbox).toBe('bwrap');
        const { workspace } = engine.getRun(runId);
        const object = join(workspace?.root ?? '', '.git/objects/new');
        const out = ask(
          shell,
          `git log --format=%s; echo yes > out/file && echo wrote; echo no > a.txt; echo no > '${object}'; echo no > .git`,
        );
        return { out, made: existsSync(object) };
      },
      { profile: 'secure' },
    );
    expect(said.out).toMatch(/^begin\nwrote\n/);
    expect(said.out.match(/Read-only file system/g)).toHaveLength(3);
    expect(said.made).toBe(false);
  });

  it('lets a step commit where the workflow may write to .git', async () => {
    const commit =
      'echo new > b.txt && git add b.txt && git -c user.name=a -c user.email=a@b commit -qm more && git branch made';
    const permissions = { network: [], exec: ['git'], read: ['.'], write: ['.', '.git/**'], secrets: [] };
    const root = makeRepository(folder(), { 'a.txt': 'one' });
    const engine = await openEngine({ stateDir: join(folder(), 'state') });
    const result = await engine.run({
      plan: testPlan([testStep('it', { run: commit })], { permissions }),
      cwd: root,
      source: { kind: 'local', path: root },
      workspace: { kind: 'run' },
      profile: 'secure',
    });
    engine.close();
    expect(result.status).toBe('succeeded');
    expect(git(root, 'log', '--format=%s', 'made')).toBe('more\nbegin\n');
  });
});
