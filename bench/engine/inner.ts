import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '@sheaf/workflow';
import { interleave, median } from '../lib/measure.js';
import type { Row } from '../lib/report.js';
import { runPlanInChild, type PlanRun } from './children/children.js';
import { ECHO, planOf, SCRIPT } from './plans.js';
import { runPlan, type StepsOptions } from './shell.js';

/** Steps that start no process. */
export async function benchInnerSteps({ folder, rounds, count }: StepsOptions): Promise<readonly Row[]> {
  const timings = await interleave(
    [
      { name: 'free', run: () => runPlan(folder, planOf(count, ECHO, false)) },
      { name: 'chain', run: () => runPlan(folder, planOf(count, ECHO, true)) },
    ],
    rounds,
  );
  const rate = (name: string) => (count * 1000) / median(timings.get(name) ?? []);
  const scripts: PlanRun[] = [];
  for (let round = 0; round < rounds; round += 1)
    scripts.push(await runInChild(folder, planOf(20, SCRIPT, true)));
  const first = median(scripts.map(({ firstMs }) => firstMs));
  const warm = median(scripts.flatMap(({ stepMs }) => stepMs.slice(1)));
  return [
    {
      what: `core.echo, ${count} free of each other, durable`,
      value: rate('free'),
      unit: '/s',
      target: '≥ 2,000/s',
      isMet: rate('free') >= 2000,
    },
    {
      what: `core.echo, a chain of ${count}, each durable before the next`,
      value: rate('chain'),
      unit: '/s',
    },
    {
      what: 'script step, first of a new process',
      value: first,
      unit: 'ms',
      target: '< 50 ms',
      isMet: first < 50,
    },
    { what: 'script step, warm', value: warm, unit: 'ms', target: '≤ 10 ms', isMet: warm <= 10 },
  ];
}

/** How time, memory and journal grow with the number of steps, and how long it takes to look at such a run. */
export async function benchScale({ folder, count }: StepsOptions): Promise<readonly Row[]> {
  const many = count * 10;
  const before = await runInChild(folder, planOf(count, ECHO, true));
  const large = await runInChild(folder, planOf(many, ECHO, true));
  const after = await runInChild(folder, planOf(count, ECHO, true));
  const growth = large.ms / 10 / ((before.ms + after.ms) / 2);
  const stepKiB = ((large.peakMiB - before.peakMiB) * 1024) / (many - count);
  return [
    {
      what: `cost of a step of ${many}, beside one of ${count}`,
      value: growth,
      unit: '×',
      target: 'linear: ≤ 1.3',
      isMet: growth <= 1.3,
      note: 'core.echo, a chain: what the engine itself does',
    },
    {
      what: `memory for each step, ${many}`,
      value: stepKiB,
      unit: 'KiB',
      note: `peak ${Math.round(large.peakMiB)} MiB`,
    },
    { what: `journal for each step, ${many}`, value: large.journalBytes / many, unit: 'bytes' },
    { what: `list of runs, one of them of ${many} steps`, value: large.listMs, unit: 'ms' },
    { what: `a run of ${many} steps with each of its steps`, value: large.showMs, unit: 'ms' },
  ];
}

async function runInChild(folder: string, plan: Plan): Promise<PlanRun> {
  const place = await mkdtemp(join(folder, 'child-'));
  try {
    const file = join(place, 'plan.json');
    await writeFile(file, JSON.stringify(plan));
    return await runPlanInChild(file, join(place, 'run'));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
