import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openEngine, type Engine, type RunResult } from '@sheaf/engine';
import { describe, expect, it } from 'vitest';
import { procTable } from '../src/processes/proc-table.js';
import { psTable } from '../src/processes/ps-table.js';
import { testPlan, testStep } from '../src/testing/plan.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const CHILD = fileURLToPath(new URL('run-child.ts', import.meta.url));
const table = process.platform === 'linux' ? procTable() : psTable();

/** Each step leaves a file per attempt, and takes long enough to be killed in. */
const WORK = 'echo $$ > "$SHEAF_STEP.$SHEAF_ATTEMPT.begun"; sleep 0.3; : > "$SHEAF_STEP.$SHEAF_ATTEMPT.done"';
const PLAN = testPlan(
  [
    testStep('a', { run: `${WORK}; echo from-a` }),
    testStep('b', { run: `trap '' TERM; sleep 70 & ${WORK}; kill -9 $!; echo from-b` }),
    testStep('c', {
      needs: ['a'],
      env: { A: '${{ steps.a.outputs.stdout }}' },
      run: `${WORK}; echo "n=$A" > "$SHEAF_OUTPUT"`,
    }),
    testStep('d', { needs: ['a'], when: '${{ false }}' }),
    testStep('e', {
      needs: ['b', 'c', 'd'],
      env: { N: '${{ steps.c.outputs.n }}' },
      run: `${WORK}; echo "$N $SHEAF_STEP"`,
    }),
  ],
  { outputs: { text: '${{ steps.e.outputs.stdout }}', b: '${{ steps.b.outputs.stdout }}' } },
);

interface Place {
  readonly stateDir: string;
  readonly cwd: string;
}

function makePlace(): Place {
  const root = folder();
  const place = { stateDir: join(root, 'state'), cwd: join(root, 'work') };
  mkdirSync(place.cwd);
  writeFileSync(join(root, 'plan.json'), JSON.stringify(PLAN));
  return place;
}

/** Runs the child until it says `event`, kills it there without warning, and gives the id of its run. */
async function killAt(place: Place, what: string, event: string): Promise<string> {
  const args = ['--import', 'tsx', '--conditions=@sheaf/source', CHILD];
  const child = spawn(process.execPath, [...args, place.stateDir, place.cwd, what], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const runId = await firstLine(child, event);
  child.kill('SIGKILL');
  await ended;
  return runId;
}

async function firstLine(child: ChildProcess, event: string): Promise<string> {
  if (child.stdout === null) throw new Error('no pipe');
  for await (const line of createInterface({ input: child.stdout })) {
    const [runId = '', ...rest] = line.split(' ');
    if (rest.join(' ') === event) return runId;
  }
  throw new Error(`the run ended without ${event}`);
}

async function resume(place: Place, runId: string): Promise<{ engine: Engine; result: RunResult }> {
  const engine = await openEngine({ stateDir: place.stateDir, graceMs: 300 });
  return { engine, result: await engine.resume(runId, { maxParallel: 3 }) };
}

function leftOver(runId: string): readonly number[] {
  return PLAN.steps.flatMap((step) => table.markedProcesses(runId, step.id));
}

function filesOf(place: Place, pattern: RegExp): readonly string[] {
  return readdirSync(place.cwd)
    .filter((name) => pattern.test(name))
    .sort();
}

const OUTPUTS = { text: 'from-a e', b: 'from-b' };

describe('resume after SIGKILL of the engine', () => {
  it.each([
    'run.started',
    'step.started a',
    'step.spawned b',
    'step.finished a',
    'step.skipped d',
    'step.spawned c',
    'step.finished c',
    'step.spawned e',
    'step.finished e',
  ])(
    'at %s ends as the uninterrupted run does, runs nothing twice that finished, and leaves no process',
    async (event) => {
      const place = makePlace();
      const runId = await killAt(place, join(dirname(place.cwd), 'plan.json'), event);
      const before = await openEngine({ stateDir: place.stateDir });
      const finished = Object.entries(before.getRun(runId).steps).filter(
        ([, step]) => step.status === 'succeeded',
      );
      // Killed after the last event but one, the run may already have recorded its end.
      const known = event === 'step.finished e' ? ['interrupted', 'succeeded'] : ['interrupted'];
      expect(known).toContain(before.getRun(runId).status);
      before.close();

      const { engine, result } = await resume(place, runId);
      expect(result).toMatchObject({ status: 'succeeded', outputs: OUTPUTS });
      expect(leftOver(runId)).toEqual([]);
      for (const [id, step] of finished) {
        expect(result.steps[id]).toEqual(step);
        expect(filesOf(place, new RegExp(`^${id}\\.\\d+\\.begun$`))).toEqual([`${id}.1.begun`]);
      }
      for (const id of ['a', 'b', 'c', 'e'])
        expect(filesOf(place, new RegExp(`^${id}\\..*done$`)).length).toBeGreaterThan(0);
      for (const begun of filesOf(place, /begun$/)) {
        const pid = Number(readFileSync(join(place.cwd, begun), 'utf8'));
        expect(table.groupMembers(pid)).toEqual([]);
      }
      expect(engine.getRun(runId)).toMatchObject({
        status: 'succeeded',
        outputs: OUTPUTS,
        steps: result.steps,
      });
      expect(await engine.resume(runId)).toEqual(result);
      engine.close();
    },
  );

  it('ends what the dead engine left running, however stubborn, before it runs the step again', async () => {
    const place = makePlace();
    const stubborn = `trap '' TERM; (trap '' TERM; sleep 78) & echo $$ > pid; sleep 79`;
    // Zombies are left out: where nothing waits for orphans they keep their group's number in use.
    const again = `ps -A -o pgid=,stat= | awk -v g="$(cat pid)" '$1 == g && $2 !~ /^Z/ { found = 1 } END { exit found }'`;
    const run = `if [ "$SHEAF_ATTEMPT" = 1 ]; then ${stubborn}; else ${again}; fi`;
    const plan = join(dirname(place.cwd), 'stubborn.json');
    writeFileSync(plan, JSON.stringify(testPlan([testStep('a', { run })])));
    const runId = await killAt(place, plan, 'step.spawned a');
    while (!existsSync(join(place.cwd, 'pid'))) await sleep(10);
    expect(table.markedProcesses(runId, 'a')).not.toEqual([]);
    const { engine, result } = await resume(place, runId);
    expect(result).toMatchObject({ status: 'succeeded', steps: { a: { attempts: 2 } } });
    expect(table.markedProcesses(runId, 'a')).toEqual([]);
    engine.close();
  });

  it('can itself be killed and resumed', async () => {
    const place = makePlace();
    const runId = await killAt(place, join(dirname(place.cwd), 'plan.json'), 'step.spawned b');
    await killAt(place, runId, 'step.spawned b');
    const { engine, result } = await resume(place, runId);
    expect(result).toMatchObject({ status: 'succeeded', outputs: OUTPUTS, steps: { b: { attempts: 3 } } });
    expect(leftOver(runId)).toEqual([]);
    engine.close();
  });

  it('is refused while the process that runs it lives', async () => {
    const place = makePlace();
    const args = ['--import', 'tsx', '--conditions=@sheaf/source', CHILD];
    const plan = join(dirname(place.cwd), 'plan.json');
    const child = spawn(process.execPath, [...args, place.stateDir, place.cwd, plan], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const runId = await firstLine(child, 'step.spawned a');
    const engine = await openEngine({ stateDir: place.stateDir });
    await expect(engine.resume(runId)).rejects.toMatchObject({ code: 'run.active' });
    expect(engine.listRuns()).toMatchObject([{ runId, status: 'running' }]);
    child.stdout.resume();
    await ended;
    expect(engine.listRuns({ status: 'succeeded' })).toMatchObject([{ runId }]);
    engine.close();
  });
});
