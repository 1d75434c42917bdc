import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEngine, type Engine, type RunEvent } from '@sheaf/engine';
import type { Plan } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { testPlan, testStep } from '../src/testing/plan.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();

interface Place {
  readonly engine: Engine;
  readonly cwd: string;
  readonly run: (plan: Plan) => Promise<{ readonly runId: string; readonly events: readonly RunEvent[] }>;
}

async function withPlace(
  act: (place: Place) => Promise<void>,
  environment?: Readonly<Record<string, string>>,
): Promise<void> {
  const cwd = folder();
  const engine = await openEngine({
    stateDir: join(folder(), 'state'),
    graceMs: 300,
    environment: { ...process.env, ...environment },
  });
  const run: Place['run'] = async (plan) => {
    const { runId } = await engine.run({ plan, cwd, source: { kind: 'local', path: cwd } });
    return { runId, events: engine.readEvents(runId) };
  };
  try {
    await act({ engine, cwd, run });
  } finally {
    engine.close();
  }
}

describe('artifacts', () => {
  it('are kept with size and sha256, also of a run that failed, and one that is missing fails nothing', async () => {
    await withPlace(async ({ engine, run }) => {
      const plan = testPlan(
        [testStep('make', { run: 'mkdir dist; printf notes > dist/NOTES.md; echo dist/NOTES.md; exit 3' })],
        { artifacts: { notes: { path: 'dist/${{ "NOTES" }}.md' }, none: { path: 'dist/none' } } },
      );
      const { runId, events } = await run(plan);
      const [kept] = engine.listArtifacts(runId);
      expect(kept).toMatchObject({
        name: 'notes',
        path: 'dist/NOTES.md',
        sizeBytes: 5,
        sha256: 'ab5aa97074c454a0632057e704220d9a6678fbf773a0a5806fc09b8173b07309',
      });
      expect(readFileSync(kept?.file ?? '', 'utf8')).toBe('notes');
      expect(events).toContainEqual(expect.objectContaining({ type: 'artifact.missing', name: 'none' }));
    });
  });

  it('are never taken from outside of the workspace', async () => {
    await withPlace(async ({ engine, cwd, run }) => {
      const secret = join(folder(), 'secret');
      writeFileSync(secret, 'secret');
      symlinkSync(secret, join(cwd, 'link'));
      const plan = testPlan([testStep('a')], {
        artifacts: { link: { path: 'link' }, up: { path: '../secret' }, whole: { path: '.' } },
      });
      expect(engine.listArtifacts((await run(plan)).runId)).toEqual([]);
    });
  });

  it('are removed by the next run when their time is over', async () => {
    await withPlace(async ({ engine, run }) => {
      const plan = testPlan([testStep('make', { run: 'echo x > x' })], {
        artifacts: { short: { path: 'x', retentionMs: 30 }, long: { path: 'x', retentionMs: 60_000 } },
      });
      const { runId } = await run(plan);
      await sleep(40);
      await run(testPlan([testStep('a')]));
      const left = engine.listArtifacts(runId).filter(({ file }) => existsSync(file));
      expect(left.map(({ name }) => name)).toEqual(['long']);
    });
  });
});

describe('the step cache', () => {
  const plan = (run = 'cat in.txt; echo ran >> ran; mkdir -p dist; cat in.txt > dist/out') =>
    testPlan(
      [
        testStep('build', {
          run,
          env: { WHO: '${{ params.who }}' },
          cache: { files: ['*.txt'], env: ['FLAVOUR'] },
        }),
        testStep('use', {
          needs: ['build'],
          run: 'cat dist/out; echo "$B"',
          env: { B: '${{ steps.build.outputs.stdout }}' },
        }),
      ],
      {
        parameters: { who: 'ana' },
        outputs: { text: '${{ steps.use.outputs.stdout }}' },
        artifacts: { out: { path: 'dist/out' } },
      },
    );
  const whyOf = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === 'step.cache' ? [`${event.result}: ${event.why}`] : []));

  it('takes what an earlier run did when nothing changed, with its outputs, its log and its artifacts', async () => {
    await withPlace(async ({ engine, cwd, run }) => {
      writeFileSync(join(cwd, 'in.txt'), 'one\n');
      const first = await run(plan());
      expect(whyOf(first.events)).toEqual(['miss: it was never done before']);
      rmSync(join(cwd, 'dist'), { recursive: true });
      const second = await run(plan());
      expect(whyOf(second.events)).toEqual([`hit: as in run ${first.runId}`]);
      expect(engine.getRun(second.runId).outputs).toEqual({ text: 'one\none' });
      expect(engine.getRun(second.runId).steps['build']?.cache?.result).toBe('hit');
      expect(readFileSync(join(cwd, 'ran'), 'utf8')).toBe('ran\n');
      const [log] = await engine.readLog(second.runId, 'build');
      expect(Buffer.from(log?.bytes ?? []).toString()).toBe('one\n');
    });
  });

  it('says what is not as it was', async () => {
    await withPlace(async ({ engine, cwd, run }) => {
      writeFileSync(join(cwd, 'in.txt'), 'one\n');
      await run(plan());
      writeFileSync(join(cwd, 'in.txt'), 'two\n');
      expect(whyOf((await run(plan())).events)).toEqual(['miss: file in.txt changed']);
      writeFileSync(join(cwd, 'more.txt'), '');
      expect(whyOf((await run(plan())).events)).toEqual(['miss: file more.txt is new']);
      expect(whyOf((await run({ ...plan(), parameters: { who: 'bo' } })).events)).toEqual([
        'miss: env WHO changed, parameter who changed',
      ]);
      const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt'];
      for (const name of names) writeFileSync(join(cwd, name), '');
      const { events, runId } = await run({ ...plan(), parameters: { who: 'bo' } });
      expect(whyOf(events)).toEqual([
        'miss: file a.txt is new, file b.txt is new, file c.txt is new, 1 more',
      ]);
      expect(engine.getRun(runId).steps['build']?.cache?.changed).toEqual(
        names.map((name) => `file ${name} is new`),
      );
      expect(whyOf((await run(plan('mkdir -p dist; echo x > dist/out'))).events)).toEqual([
        'miss: its definition changed, env WHO changed, parameter who changed',
      ]);
    });
  });

  it('keeps nothing of a step that failed, and puts nothing outside of the workspace', async () => {
    await withPlace(async ({ cwd, run }) => {
      await run(plan('exit 1'));
      expect(whyOf((await run(plan('exit 1'))).events)).toEqual(['miss: it was never done before']);
      writeFileSync(join(cwd, 'in.txt'), 'one\n');
      await run(plan());
      const outside = folder();
      rmSync(join(cwd, 'dist'), { recursive: true });
      symlinkSync(outside, join(cwd, 'dist'));
      expect(whyOf((await run(plan())).events)[0]).toMatch(/^miss: what it made/);
    });
  });
});
