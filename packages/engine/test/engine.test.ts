import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openEngine, type Engine, type RunRequest } from '@sheaf/engine';
import { describe, expect, it } from 'vitest';
import { procTable } from '../src/processes/proc-table.js';
import { psTable } from '../src/processes/ps-table.js';
import { openDatabase } from '../src/stores/sqlite/database.js';
import { testPlan, testStep } from '../src/testing/plan.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const table = process.platform === 'linux' ? procTable() : psTable();

async function withEngine<T>(
  act: (engine: Engine, place: { readonly stateDir: string; readonly cwd: string }) => Promise<T>,
  environment?: Readonly<Record<string, string | undefined>>,
): Promise<T> {
  const place = { stateDir: join(folder(), 'state'), cwd: folder() };
  const engine = await openEngine({
    stateDir: place.stateDir,
    graceMs: 300,
    ...(environment === undefined ? {} : { environment }),
  });
  try {
    return await act(engine, place);
  } finally {
    engine.close();
  }
}

function request(cwd: string, plan: RunRequest['plan'], rest: Partial<RunRequest> = {}): RunRequest {
  return { plan, cwd, source: { kind: 'local', path: cwd }, ...rest };
}

const refusal = (code: string) => expect.objectContaining({ code }) as Error;

describe('run', () => {
  it('runs steps in the working folder and gives typed outputs', async () => {
    await withEngine(async (engine, { cwd }) => {
      const bundleDir = folder();
      mkdirSync(join(bundleDir, 'scripts'));
      writeFileSync(
        join(bundleDir, 'scripts/count.sh'),
        '#!/bin/sh\necho "{\\"n\\": $1}" > "$SHEAF_OUTPUT"\n',
      );
      chmodSync(join(bundleDir, 'scripts/count.sh'), 0o755);
      const plan = testPlan(
        [
          testStep('count', { run: '"$SHEAF_BUNDLE/scripts/count.sh" "$PARAM_FIRST_N"' }),
          testStep('twice', {
            needs: ['count'],
            shell: 'sh',
            env: { N: '${{ steps.count.outputs.n * 2 }}' },
            run: 'echo "$N $(pwd)"; echo',
          }),
        ],
        {
          parameters: { 'first-n': 21 },
          outputs: { n: '${{ steps.count.outputs.n }}', text: '${{ steps.twice.outputs.stdout }}' },
        },
      );
      const result = await engine.run(request(cwd, plan, { bundleDir }));
      expect(result).toMatchObject({ status: 'succeeded', outputs: { n: 21, text: `42 ${cwd}` } });
      expect(result.steps['twice']).toMatchObject({ status: 'succeeded', exitCode: 0, attempts: 1 });
    });
  });

  it('never shows a step the secrets of the caller', async () => {
    const secrets = {
      SHEAF_TOKEN: 's3cret',
      SHEAF_SIGNING_KEY: 's3cret',
      SHEAF_KEY_PASSPHRASE: 's3cret',
      OTHER: 's3cret',
    };
    await withEngine(
      async (engine, { cwd }) => {
        await engine.run(request(cwd, testPlan([testStep('a', { run: 'env > seen' })])));
        const seen = readFileSync(join(cwd, 'seen'), 'utf8');
        expect(seen).toContain('PATH=');
        expect(seen).not.toContain('s3cret');
      },
      { ...process.env, ...secrets },
    );
  });

  it('stops a script at its first error, also inside a pipeline of bash', async () => {
    await withEngine(async (engine, { cwd }) => {
      const plan = testPlan([
        testStep('pipe', { run: 'false | true; : > after-pipe' }),
        testStep('plain', { shell: 'sh', run: 'false; : > after-plain' }),
      ]);
      const result = await engine.run(request(cwd, plan));
      expect(result).toMatchObject({ status: 'failed', outputs: {}, reason: { code: 'run.failed' } });
      expect(result.steps['pipe']).toMatchObject({
        status: 'failed',
        exitCode: 1,
        reason: { code: 'step.exit' },
      });
      expect([existsSync(join(cwd, 'after-pipe')), existsSync(join(cwd, 'after-plain'))]).toEqual([
        false,
        false,
      ]);
    });
  });

  it('runs independent steps at the same time, up to the cap', async () => {
    await withEngine(async (engine, { cwd }) => {
      const meet =
        'touch "$SHEAF_STEP"; for i in $(seq 100); do [ -e "$OTHER" ] && exit 0; sleep 0.05; done; exit 1';
      const plan = testPlan([
        testStep('x', { run: meet, env: { OTHER: 'y' } }),
        testStep('y', { run: meet, env: { OTHER: 'x' } }),
      ]);
      expect((await engine.run(request(cwd, plan, { maxParallel: 2 }))).status).toBe('succeeded');
    });
  });

  it('ends a step at its timeout and leaves no process', async () => {
    await withEngine(async (engine, { cwd }) => {
      const plan = testPlan([testStep('a', { run: "trap '' TERM; sleep 71 & sleep 72", timeoutMs: 100 })]);
      const result = await engine.run(request(cwd, plan));
      expect(result.steps['a']).toMatchObject({ status: 'failed', reason: { code: 'step.timeout' } });
      expect(table.markedProcesses(result.runId, 'a')).toEqual([]);
    });
  });

  it('refuses, naming all of it, what the machine lacks, and runs nothing', async () => {
    await withEngine(async (engine, { cwd }) => {
      const tools = [
        { name: 'no-such-tool' },
        { name: 'bash', minimum: '99.1' },
        { name: 'bash', minimum: '3.0' },
      ];
      const plan = testPlan([testStep('a', { run: ': > ran' })], { requirements: { tools } });
      const failure = await engine.run(request(cwd, plan)).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'requirement.missing' });
      expect(String(failure)).toMatch(/no-such-tool is not on the PATH; bash is [\d.]+, and 99\.1 is needed/);
      expect(existsSync(join(cwd, 'ran'))).toBe(false);
      expect(engine.listRuns()).toEqual([]);
    });
  });

  it('refuses a folder that is not there', async () => {
    await withEngine(async (engine, { cwd }) => {
      const plan = testPlan([testStep('a')]);
      await expect(engine.run(request(join(cwd, 'gone'), plan))).rejects.toThrow(
        refusal('run.folder_missing'),
      );
      await expect(engine.run(request(cwd, plan, { bundleDir: join(cwd, 'gone') }))).rejects.toThrow(
        refusal('run.folder_missing'),
      );
    });
  });
});

describe('cancel', () => {
  it('ends a step that ignores TERM with all its children, and a resume goes on', async () => {
    await withEngine(async (engine, { cwd }) => {
      const stubborn = "trap '' TERM; (trap '' TERM; sleep 73) & setsid sleep 74 & : > up; wait; sleep 75";
      const plan = testPlan(
        [
          testStep('first', { run: 'echo one >> first.txt' }),
          testStep('slow', {
            needs: ['first'],
            run: `if [ "$SHEAF_ATTEMPT" = 1 ]; then ${stubborn}; fi; echo done`,
          }),
        ],
        { outputs: { text: '${{ steps.slow.outputs.stdout }}' } },
      );
      const abort = new AbortController();
      const running = engine.run(request(cwd, plan, { signal: abort.signal }));
      while (!existsSync(join(cwd, 'up'))) await sleep(10);
      abort.abort();
      const result = await running;
      expect(result).toMatchObject({
        status: 'cancelled',
        steps: { first: { status: 'succeeded' }, slow: { status: 'cancelled', attempts: 1 } },
      });
      expect(table.markedProcesses(result.runId, 'slow')).toEqual([]);
      expect(engine.getRun(result.runId).status).toBe('cancelled');

      const resumed = await engine.resume(result.runId);
      expect(resumed).toMatchObject({
        status: 'succeeded',
        outputs: { text: 'done' },
        steps: { slow: { attempts: 2 } },
      });
      expect(readFileSync(join(cwd, 'first.txt'), 'utf8')).toBe('one\n');
    });
  });

  it('does not wait for the grace period when it is told to kill', async () => {
    const engine = await openEngine({ stateDir: join(folder(), 'state'), graceMs: 60_000 });
    const cwd = folder();
    const [stop, kill] = [new AbortController(), new AbortController()];
    const plan = testPlan([testStep('a', { run: "trap '' TERM; : > up; sleep 76; sleep 77" })]);
    const running = engine.run(request(cwd, plan, { signal: stop.signal, killSignal: kill.signal }));
    while (!existsSync(join(cwd, 'up'))) await sleep(10);
    stop.abort();
    await sleep(50);
    kill.abort();
    expect((await running).status).toBe('cancelled');
    engine.close();
  });
});

describe('history', () => {
  it('lists runs newest first, filters them, and shows each with its plan, logs and events', async () => {
    await withEngine(async (engine, { cwd, stateDir }) => {
      const good = await engine.run(
        request(cwd, testPlan([testStep('a', { run: 'echo out; echo err >&2' })])),
      );
      await sleep(5);
      const bad = await engine.run(
        request(cwd, testPlan([testStep('a', { run: 'exit 3' }), testStep('b', { needs: ['a'] })])),
      );
      expect(engine.listRuns().map((run) => run.runId)).toEqual([bad.runId, good.runId]);
      expect(engine.listRuns({ status: 'failed' }).map((run) => run.runId)).toEqual([bad.runId]);
      expect(engine.listRuns({ workflow: 'acme/other' })).toEqual([]);
      expect(engine.listRuns({ limit: 1 })).toHaveLength(1);
      expect(engine.getRun(bad.runId)).toMatchObject({ steps: bad.steps, status: 'failed', cwd });
      expect(bad.steps['b']).toMatchObject({ status: 'skipped', reason: { code: 'step.need_failed' } });
      const [log] = await engine.readLog(good.runId);
      expect(new TextDecoder().decode(log?.bytes).split('\n').sort()).toEqual(['', 'err', 'out']);
      expect(await engine.readLog(good.runId, 'a', { maxBytes: 2 })).toMatchObject([
        { truncated: true, sizeBytes: 8 },
      ]);
      expect(engine.readEvents(good.runId).map((event) => event.seq)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(() => engine.getRun('../etc')).toThrow(refusal('run.not_found'));
      await expect(engine.resume('nothing')).rejects.toThrow(refusal('run.not_found'));
      const modes = [stateDir, join(stateDir, 'runs', good.runId), join(stateDir, 'runs.sqlite')].map(
        (path) => statSync(path).mode & 0o777,
      );
      expect(modes).toEqual([0o700, 0o700, 0o600]);
    });
  });

  it('refuses to go on with a plan that was changed in the store', async () => {
    await withEngine(async (engine, { cwd, stateDir }) => {
      const abort = new AbortController();
      const plan = testPlan([testStep('a', { run: ': > ran' })]);
      const { runId } = await engine.run(
        request(cwd, plan, { signal: AbortSignal.any([AbortSignal.abort(), abort.signal]) }),
      );
      const database = await openDatabase(join(stateDir, 'runs.sqlite'));
      database.exec(`UPDATE journal SET body = replace(body, ': > ran', ': > bad') WHERE seq = 0`);
      database.close();
      await expect(engine.resume(runId)).rejects.toThrow(refusal('journal.corrupt'));
      expect(existsSync(join(cwd, 'bad'))).toBe(false);
    });
  });

  it('refuses a store that a later version wrote', async () => {
    const stateDir = folder();
    const database = await openDatabase(join(stateDir, 'runs.sqlite'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(openEngine({ stateDir })).rejects.toThrow(refusal('store.newer'));
  });

  it('says that a state folder cannot be made', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    await expect(openEngine({ stateDir: join(file, 'state') })).rejects.toThrow(refusal('store.failed'));
  });

  it('is shared by several processes that begin at once on a new folder', async () => {
    const root = folder();
    const cwd = folder();
    const plan = join(root, 'plan.json');
    writeFileSync(plan, JSON.stringify(testPlan([testStep('a'), testStep('b', { needs: ['a'] })])));
    const script = fileURLToPath(new URL('run-child.ts', import.meta.url));
    const codes = await Promise.all(
      Array.from({ length: 6 }, () => {
        const args = [
          '--import',
          'tsx',
          '--conditions=@sheaf/source',
          script,
          join(root, 'state'),
          cwd,
          plan,
        ];
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
        return new Promise((resolve) => child.once('close', resolve));
      }),
    );
    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
    const engine = await openEngine({ stateDir: join(root, 'state') });
    expect(engine.listRuns({ status: 'succeeded' })).toHaveLength(6);
    engine.close();
  });
});
