import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openEngine, type Engine } from '@sheaf/engine';
import { parseVersion, type Plan } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { procTable } from '../src/processes/proc-table.js';
import { psTable } from '../src/processes/ps-table.js';
import { testPlan, testStep } from '../src/testing/plan.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const CHILD = fileURLToPath(new URL('run-child.ts', import.meta.url));
const table = process.platform === 'linux' ? procTable() : psTable();

interface Running {
  readonly runId: string;
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly engine: Engine;
  readonly cwd: string;
}

/** Runs a plan in a process of its own until its steps have said that they are there. */
async function startElsewhere(plan: Plan): Promise<Running> {
  const root = folder();
  const [stateDir, cwd] = [join(root, 'state'), join(root, 'work')];
  mkdirSync(cwd);
  writeFileSync(join(root, 'plan.json'), JSON.stringify(plan));
  const args = [
    '--import',
    'tsx',
    '--conditions=@sheaf/source',
    CHILD,
    stateDir,
    cwd,
    join(root, 'plan.json'),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout });
  const runId = await new Promise<string>((resolve) => {
    lines.once('line', (line) => {
      resolve(line.split(' ')[0] ?? '');
    });
  });
  while (!existsSync(join(cwd, 'there'))) await sleep(10);
  return { runId, child, ended, cwd, engine: await openEngine({ stateDir, graceMs: 300 }) };
}

const SLOW = testPlan([
  testStep('first'),
  testStep('slow', { needs: ['first'], run: ': > there; sleep 77' }),
]);

describe('cancel', () => {
  it('ends a run that another process drives, and that process says so', async () => {
    const { runId, ended, engine } = await startElsewhere(SLOW);
    const result = await engine.cancel(runId);
    expect(result).toEqual({ runId, was: 'running', status: 'cancelled', stopped: ['slow'] });
    expect(await ended).toBe(0);
    expect(table.markedProcesses(runId, 'slow')).toEqual([]);
    expect(engine.getRun(runId)).toMatchObject({
      status: 'cancelled',
      steps: { first: { status: 'succeeded' } },
    });
    expect(await engine.cancel(runId)).toEqual({ runId, was: 'ended', status: 'cancelled', stopped: [] });
    engine.close();
  });

  it('ends at once what does not listen, when that is asked for', async () => {
    const deaf = testPlan([testStep('deaf', { run: `trap '' TERM; : > there; while :; do sleep 1; done` })]);
    const { runId, ended, engine } = await startElsewhere(deaf);
    const began = performance.now();
    expect(await engine.cancel(runId, { kill: true })).toMatchObject({ status: 'cancelled' });
    // The engine of the other process has a grace period of 500 ms.
    expect(performance.now() - began).toBeLessThan(30_000);
    await ended;
    engine.close();
  });

  it('ends what a dead engine left running, and the run can be gone on with as any other', async () => {
    const { runId, child, ended, engine, cwd } = await startElsewhere(SLOW);
    child.kill('SIGKILL');
    await ended;
    expect(table.markedProcesses(runId, 'slow')).not.toEqual([]);
    expect(await engine.cancel(runId)).toMatchObject({ was: 'interrupted', status: 'cancelled' });
    expect(table.markedProcesses(runId, 'slow')).toEqual([]);
    expect(engine.getSummary(runId)).toMatchObject({ status: 'cancelled' });
    const control = new AbortController();
    setTimeout(() => {
      control.abort();
    }, 200);
    expect(await engine.resume(runId, { signal: control.signal })).toMatchObject({
      status: 'cancelled',
      steps: { first: { attempts: 1 } },
    });
    expect(existsSync(join(cwd, 'there'))).toBe(true);
    engine.close();
  });

  it('gives up on an owner that does nothing, and says how to end it', async () => {
    const { runId, child, ended, engine } = await startElsewhere(SLOW);
    child.kill('SIGSTOP');
    const refused = engine.cancel(runId, { patienceMs: 300 });
    await expect(refused).rejects.toMatchObject({ code: 'run.not_stopped' });
    child.kill('SIGCONT');
    await ended;
    expect(engine.getSummary(runId).status).toBe('cancelled');
    engine.close();
  });
});

describe('rerun', () => {
  const plan = testPlan(
    [
      testStep('log', { run: 'echo ran >> log-ran; echo logged' }),
      testStep('tell', {
        needs: ['log'],
        env: { TEXT: '${{ steps.log.outputs.stdout }}' },
        run: 'echo ran >> tell-ran; test -e fixed; echo "told $TEXT"',
      }),
    ],
    { outputs: { text: '${{ steps.tell.outputs.stdout }}' } },
  );

  it('is a run of its own that starts where it is told to, with the outputs and logs of what was done', async () => {
    const cwd = folder();
    const engine = await openEngine({ stateDir: join(folder(), 'state'), graceMs: 300 });
    const first = await engine.run({ plan, cwd, source: { kind: 'local', path: cwd } });
    expect(first.status).toBe('failed');
    writeFileSync(join(cwd, 'fixed'), '');
    const again = await engine.rerun(first.runId, { from: 'tell' });
    expect(again).toMatchObject({
      status: 'succeeded',
      outputs: { text: 'told logged' },
      steps: { log: { status: 'succeeded', reusedFrom: first.runId }, tell: { attempts: 1 } },
    });
    expect(again.runId).not.toBe(first.runId);
    expect(engine.getRun(again.runId)).toMatchObject({ rerunOf: { runId: first.runId, from: 'tell' } });
    const [log] = await engine.readLog(again.runId, 'log');
    expect(Buffer.from(log?.bytes ?? []).toString()).toBe('logged\n');
    expect(engine.getSummary(first.runId).status).toBe('failed');
    engine.close();
  });

  it('refuses a step that is not there, another plan for what was verified, and a run that goes on', async () => {
    const cwd = folder();
    const engine = await openEngine({ stateDir: join(folder(), 'state'), graceMs: 300 });
    const source = {
      kind: 'registry',
      id: 'a/b',
      version: '1.0.0',
      digest: 'sha256:0',
      signer: 'k',
    } as const;
    const { runId } = await engine.run({ plan, cwd, source });
    await expect(engine.rerun(runId, { from: 'x' })).rejects.toMatchObject({ code: 'step.not_found' });
    const other = { ...plan, workflow: { ...plan.workflow, version: parseVersion('2.0.0') } };
    await expect(engine.rerun(runId, { from: 'tell', plan: other })).rejects.toMatchObject({
      code: 'plan.invalid',
    });
    await engine.whileIdle(runId, async () => {
      await expect(engine.whileIdle(runId, () => Promise.resolve())).rejects.toMatchObject({
        code: 'run.active',
      });
    });
    expect(engine.listRuns()).toHaveLength(1);
    expect(engine.findRunIds(runId.slice(0, 5))).toEqual([runId]);
    expect(engine.findRunIds('zzzzzzzzzzz')).toEqual([]);
    engine.close();
  });
});
