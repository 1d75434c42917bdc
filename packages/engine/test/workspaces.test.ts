import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEngine, type RunEvent, type RunRequest, type RunResult } from '@sheaf/engine';
import { describe, expect, it } from 'vitest';
import { testPlan, testStep } from '../src/testing/plan.js';
import { copyFolder } from '../src/workspaces/copy-folder.js';
import { listRecords, writeRecord } from '../src/workspaces/records.js';
import { git, makeRepository } from './repositories.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();

interface Ran {
  readonly result: RunResult;
  readonly events: readonly RunEvent[];
  readonly log: string;
}

interface Place {
  readonly cwd: string;
  readonly stateDir: string;
}

const place = (cwd: string): Place => ({ cwd, stateDir: join(folder(), 'stäte dir') });
const withEngine = async <T>(
  { stateDir }: Place,
  work: (engine: Awaited<ReturnType<typeof openEngine>>) => Promise<T>,
): Promise<T> => {
  const engine = await openEngine({ stateDir, graceMs: 300 });
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
};

/** Runs one step in a workspace, and gives what happened. */
const run = (at: Place, script: string, rest: Partial<RunRequest> = {}): Promise<Ran> =>
  withEngine(at, async (engine) => {
    const result = await engine.run({
      plan: testPlan([testStep('it', { run: script })]),
      cwd: at.cwd,
      source: { kind: 'local', path: at.cwd },
      workspace: { kind: 'run' },
      ...rest,
    });
    const [log] = await engine.readLog(result.runId);
    const events = engine.readEvents(result.runId);
    return { result, events, log: Buffer.from(log?.bytes ?? []).toString() };
  });

const createdIn = (events: readonly RunEvent[]) => events.find((event) => event.type === 'workspace.created');
const worktrees = (root: string): number => git(root, 'worktree', 'list').trim().split('\n').length;

describe('a run in a worktree', () => {
  it('works in the files of the head, leaves the repository as it was, and removes what was made', async () => {
    const root = makeRepository(join(folder(), 'my répo'), { 'src/a.txt': 'one' });
    const at = place(join(root, 'src'));
    const { result, events, log } = await run(
      at,
      'pwd; cat a.txt; echo; echo two > a.txt; git log --format=%s',
    );
    expect(result.status).toBe('succeeded');
    const created = createdIn(events);
    expect(created).toMatchObject({
      kind: 'worktree',
      root,
      head: git(root, 'rev-parse', 'HEAD').trim(),
    });
    expect(created?.cwd).toBe(join(created?.path ?? '', 'src'));
    expect(log).toBe(`${created?.cwd ?? ''}\none\nbegin\n`);
    expect(readFileSync(join(root, 'src/a.txt'), 'utf8')).toBe('one');
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['run.finished', 'workspace.removed']);
    expect([existsSync(created?.path ?? ''), worktrees(root), listRecords(at.stateDir)]).toEqual([
      false,
      1,
      [],
    ]);
  });

  it('says what is in no commit, and has it only when asked', async () => {
    const root = makeRepository(folder(), {
      'a.txt': 'one',
      'b.txt': 'b',
      'c.txt': 'c',
      '.gitignore': 'skip\n',
    });
    writeFileSync(join(root, 'a.txt'), 'changed');
    git(root, 'rm', '-q', 'b.txt');
    writeFileSync(join(root, 'c.txt'), 'staged');
    git(root, 'add', 'c.txt');
    mkdirSync(join(root, 'new dir'));
    writeFileSync(join(root, 'new dir/ü.txt'), 'untracked');
    writeFileSync(join(root, 'skip'), 'ignored');
    const before = git(root, 'status', '--porcelain');
    const at = place(root);
    const without = await run(at, 'cat a.txt; ls');
    expect(createdIn(without.events)?.uncommitted).toEqual({
      count: 4,
      files: ['a.txt', 'b.txt', 'c.txt', 'new dir/'],
    });
    expect(without.log).toBe('onea.txt\nb.txt\nc.txt\n');
    const whole = await run(at, 'cat a.txt c.txt "new dir/ü.txt"; ls', {
      workspace: { kind: 'run', includeUncommitted: true },
    });
    expect(whole.log).toBe('changedstageduntrackeda.txt\nc.txt\nnew dir\n');
    expect(createdIn(whole.events)?.uncommitted).toBeUndefined();
    expect([git(root, 'status', '--porcelain'), git(root, 'stash', 'list')]).toEqual([before, '']);
  });

  it('runs no program that the repository names', async () => {
    const root = makeRepository(folder(), { 'a.txt': 'one', '.gitattributes': '* filter=evil' });
    const proof = join(folder(), 'proof');
    writeFileSync(join(root, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch '${proof}'\n`, { mode: 0o755 });
    git(root, 'config', 'filter.evil.smudge', `touch '${proof}'; cat`);
    git(root, 'config', 'core.fsmonitor', `touch '${proof}'`);
    const { log } = await run(place(root), 'cat a.txt');
    expect([log, existsSync(proof)]).toEqual(['one', false]);
  });

  it('leaves submodules empty, as git does', async () => {
    const inner = makeRepository(folder(), { 'inner.txt': 'inner' });
    const root = makeRepository(folder(), { 'a.txt': 'one' });
    git(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'vendor/inner');
    git(root, 'commit', '-q', '-m', 'a submodule');
    const at = place(root);
    const { log, result } = await run(at, 'ls -A vendor/inner; cat .gitmodules | wc -l');
    expect([log.trim(), result.status, worktrees(root)]).toEqual(['3', 'succeeded', 1]);
  });

  it('cannot be made where nothing was committed, and then nothing has run', async () => {
    const root = folder();
    git(root, 'init', '-q');
    const at = place(root);
    await expect(run(at, 'true')).rejects.toMatchObject({ code: 'workspace.unusable' });
    expect(await withEngine(at, (engine) => Promise.resolve(engine.listRuns()))).toEqual([]);
    expect(listRecords(at.stateDir)).toEqual([]);
  });

  it('is one of several at once, each in its own', async () => {
    const root = makeRepository(folder(), { 'a.txt': '0' });
    const at = place(root);
    const ran = await Promise.all([1, 2, 3].map((n) => run(at, `echo ${n} > a.txt; sleep 0.2; cat a.txt`)));
    expect(ran.map(({ log }) => log)).toEqual(['1\n', '2\n', '3\n']);
    expect([worktrees(root), listRecords(at.stateDir)]).toEqual([1, []]);
  });
});

describe('a workspace after its run', () => {
  const FAILS = 'test -e made || { touch made; exit 3; }; echo again';

  it('stays when the run failed, and is taken over by the run that does it again', async () => {
    const root = makeRepository(folder(), { 'a.txt': 'one' });
    const at = place(root);
    const failed = await run(at, FAILS);
    expect(failed.result.status).toBe('failed');
    const path = createdIn(failed.events)?.path ?? '';
    expect(existsSync(join(path, 'made'))).toBe(true);
    await withEngine(at, async (engine) => {
      expect(engine.getRun(failed.result.runId)).toMatchObject({
        cwd: root,
        workDir: path,
        workspace: { path },
      });
      const again = await engine.rerun(failed.result.runId, { from: 'it' });
      expect(again.status).toBe('succeeded');
      const types = engine.readEvents(again.runId).map(({ type }) => type);
      expect(types).toContain('workspace.reused');
      expect(types.at(-1)).toBe('workspace.removed');
    });
    expect([existsSync(path), worktrees(root)]).toEqual([false, 1]);
  });

  it('is made anew of the same commit when it is gone', async () => {
    const root = makeRepository(folder(), { 'a.txt': 'one' });
    const at = place(root);
    const first = await run(at, 'cat a.txt');
    writeFileSync(join(root, 'a.txt'), 'two');
    git(root, 'commit', '-qam', 'more');
    await withEngine(at, async (engine) => {
      const again = await engine.rerun(first.result.runId, { from: 'it' });
      const [log] = await engine.readLog(again.runId);
      expect(Buffer.from(log?.bytes ?? []).toString()).toBe('one');
    });
  });

  it('stays when it is asked for, until it is removed by hand, which the journal says', async () => {
    const root = makeRepository(folder(), { 'a.txt': 'one' });
    const at = place(root);
    const { result } = await run(at, 'true', { keepWorkspace: true });
    await withEngine(at, async (engine) => {
      const [kept, ...more] = await engine.listWorkspaces();
      expect([kept?.runId, kept?.isLeftover, more]).toEqual([result.runId, false, []]);
      if (kept === undefined) throw new Error('nothing was kept');
      await engine.removeWorkspace(kept);
      expect(engine.readEvents(result.runId).at(-1)?.type).toBe('workspace.removed');
      expect(engine.getRun(result.runId).workspace).toBeUndefined();
    });
    expect(worktrees(root)).toBe(1);
  });

  it('is gone on with when the run was cancelled, and not when somebody else is in it', async () => {
    const root = makeRepository(folder(), { 'a.txt': 'one' });
    const at = place(root);
    const script = 'test -e made && cat made && exit 0; echo yes > made; sleep 60';
    await withEngine(at, async (engine) => {
      const abort = new AbortController();
      const cancelled = await engine.run({
        plan: testPlan([testStep('it', { run: script })]),
        cwd: root,
        source: { kind: 'local', path: root },
        workspace: { kind: 'run' },
        signal: abort.signal,
        onEvent: ({ type }) => {
          if (type === 'step.spawned')
            setTimeout(() => {
              abort.abort();
            }, 100);
        },
      });
      expect(cancelled.status).toBe('cancelled');
      const [stored] = listRecords(at.stateDir);
      if (stored === undefined) throw new Error('nothing was kept');
      const somebody = spawn('sleep', ['60']);
      const { table } = await import('../src/state-folder.js').then(({ openStateFolder }) =>
        openStateFolder(at.stateDir),
      );
      writeRecord(at.stateDir, { ...stored.record, process: table.identify(somebody.pid ?? 0, Date.now()) });
      await expect(engine.resume(cancelled.runId)).rejects.toMatchObject({ code: 'workspace.busy' });
      somebody.kill('SIGKILL');
      await new Promise((resolve) => somebody.once('exit', resolve));
      const resumed = await engine.resume(cancelled.runId);
      expect(resumed.status).toBe('succeeded');
    });
    expect(worktrees(root)).toBe(1);
  });
});

describe('an engine that is killed with a workspace half there', () => {
  it.each(['before', 'after'])(
    '%s git has made it leaves what the next run finds and removes',
    async (when) => {
      const root = makeRepository(folder(), { 'a.txt': 'one' });
      const at = place(root);
      const bin = folder();
      const real = git(root, '--exec-path').trim();
      const kill = 'kill -9 $PPID';
      const act = `"${real}/git" "$@"; code=$?`;
      writeFileSync(
        join(bin, 'git'),
        `#!/bin/sh\ncase "$*" in *"worktree add"*) ${when === 'before' ? kill : `${act}; ${kill}`};; *) ${act}; exit $code;; esac\n`,
      );
      chmodSync(join(bin, 'git'), 0o755);
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', '--conditions=@sheaf/source', CHILD, at.stateDir, root],
        {
          env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      );
      const signal = await new Promise((resolve) =>
        child.once('exit', (_code, name) => {
          resolve(name);
        }),
      );
      expect(signal).toBe('SIGKILL');
      const [left] = listRecords(at.stateDir);
      expect(left?.record.state).toBe('making');
      expect(worktrees(root)).toBe(when === 'before' ? 1 : 2);
      // A git that lives on may still be at work: what is young is left alone.
      await run(at, 'true');
      expect(listRecords(at.stateDir)).toHaveLength(1);
      if (left !== undefined)
        writeRecord(at.stateDir, { ...left.record, created: left.record.created - 120_000 });
      const { result } = await run(at, 'true');
      expect(result.status).toBe('succeeded');
      expect([listRecords(at.stateDir), worktrees(root)]).toEqual([[], 1]);
    },
  );
});

const CHILD = fileURLToPath(new URL('workspace-child.ts', import.meta.url));

describe('an ephemeral workspace', () => {
  it('is one for each attempt, and goes with it', async () => {
    const root = makeRepository(folder(), { 'a.txt': 'one' });
    const at = place(root);
    const plan = testPlan([
      testStep('first', { run: 'echo changed > a.txt; pwd' }),
      testStep('second', { run: 'cat a.txt; pwd', needs: ['first'] }),
    ]);
    const { result, events } = await run(at, '', { plan, workspace: { kind: 'ephemeral' } });
    expect(result.status).toBe('succeeded');
    const changes = events.flatMap((event) =>
      event.type === 'step.workspace' ? `${event.step} ${event.change}` : [],
    );
    expect(changes).toEqual(['first created', 'first removed', 'second created', 'second removed']);
    const paths = events.flatMap((event) => (event.type === 'step.workspace' ? event.path : []));
    expect(new Set(paths).size).toBe(2);
    expect([listRecords(at.stateDir), worktrees(root), readFileSync(join(root, 'a.txt'), 'utf8')]).toEqual([
      [],
      1,
      'one',
    ]);
  });

  it('is refused for a workflow that keeps files of its steps', async () => {
    const root = makeRepository(folder(), { 'a.txt': 'one' });
    const plan = testPlan([testStep('it')], { artifacts: { notes: { path: 'a.txt' } } });
    await expect(run(place(root), '', { plan, workspace: { kind: 'ephemeral' } })).rejects.toMatchObject({
      code: 'workspace.unusable',
    });
  });

  it('that cannot be made fails its step alone', async () => {
    const root = folder();
    git(root, 'init', '-q');
    const { result } = await run(place(root), 'true', { workspace: { kind: 'ephemeral' } });
    expect(result.steps['it']).toMatchObject({ status: 'failed', reason: { code: 'workspace.failed' } });
  });
});

describe('a run outside of a repository', () => {
  it('works in a copy, with its links', async () => {
    const root = folder();
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin/tool'), '#!/bin/sh\necho tool\n', { mode: 0o755 });
    symlinkSync('bin/tool', join(root, 'link'));
    const at = place(root);
    const { log, events } = await run(at, './link; touch made');
    expect([log, createdIn(events)?.kind, readdirSync(root)]).toEqual(['tool\n', 'copy', ['bin', 'link']]);
  });

  it.each([
    ['a link out of it', '../out', 'workspace.link'],
    ['an absolute link', '/etc/passwd', 'workspace.link'],
  ])('is refused with %s', async (_what, target, code) => {
    const root = folder();
    symlinkSync(target, join(root, 'link'));
    await expect(run(place(root), 'true')).rejects.toMatchObject({ code });
  });

  it('is not copied beyond the limits', async () => {
    const from = folder();
    for (const name of ['a', 'b', 'c']) writeFileSync(join(from, name), '1234');
    const to = join(folder(), 'copy');
    const limits = { files: 2, bytes: 100 };
    await expect(copyFolder({ from, to, limits })).rejects.toMatchObject({ code: 'workspace.too_large' });
    const small = { files: 9, bytes: 11 };
    await expect(copyFolder({ from, to: `${to}2`, limits: small })).rejects.toMatchObject({
      code: 'workspace.too_large',
    });
    await copyFolder({ from, to: `${to}3`, limits: { files: 3, bytes: 12 } });
    expect(readdirSync(`${to}3`)).toEqual(['a', 'b', 'c']);
  });

  it('works in a folder that is named, which stays', async () => {
    const root = folder();
    const there = folder();
    const { log } = await run(place(root), 'pwd; touch made', { workspace: { kind: 'folder', path: there } });
    expect([log, readdirSync(there)]).toEqual([`${there}\n`, ['made']]);
    await expect(
      run(place(root), 'true', { workspace: { kind: 'folder', path: join(there, 'none') } }),
    ).rejects.toMatchObject({ code: 'workspace.unusable' });
  });
});
