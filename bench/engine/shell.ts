import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openEngine } from '@sheaf/engine';
import type { Plan } from '@sheaf/workflow';
import { interleave, median, medianRatio } from '../lib/measure.js';
import { findVersion } from '../lib/machine.js';
import type { Row } from '../lib/report.js';
import { processorMsOfTree } from './cpu.js';
import { planOf, TRUE } from './plans.js';

export interface StepsOptions {
  readonly folder: string;
  readonly rounds: number;
  /** Steps of a chain. */
  readonly count: number;
}

/** Chains of `true` beside a bare loop of spawns, `make`, and dagu where it is installed. */
export async function benchShellSteps({ folder, rounds, count }: StepsOptions): Promise<readonly Row[]> {
  const makefile = join(folder, 'Makefile');
  await writeFile(makefile, makefileOf(count));
  const dag = join(folder, 'chain.yaml');
  await writeFile(dag, dagOf(count));
  const peers = [
    { name: 'make', has: findVersion('make') !== undefined, args: ['-s', '-f', makefile, 'all'] },
    { name: 'dagu', has: findVersion('dagu', 'version') !== undefined, args: ['start', dag] },
  ];
  const cpu = new Map<string, number[]>([
    ['sheaf', []],
    ['spawn', []],
  ]);
  const counted = async (name: string, run: () => Promise<void>): Promise<void> => {
    const before = processorMsOfTree();
    await run();
    cpu.get(name)?.push((processorMsOfTree() - before) / count);
  };
  const timings = await interleave(
    [
      { name: 'sheaf', run: () => counted('sheaf', () => runPlan(folder, planOf(count, TRUE, true))) },
      { name: 'spawn', run: () => counted('spawn', () => spawnAll(count)) },
      ...peers
        .filter(({ has }) => has)
        .map(({ name, args }) => ({
          name,
          run: () => {
            execFileSync(name, args, { stdio: 'ignore', env: { ...process.env, DAGU_HOME: folder } });
          },
        })),
    ],
    rounds,
  );
  const each = (name: string) => median(timings.get(name) ?? []) / count;
  const bare = timings.get('spawn') ?? [];
  const overhead = median((timings.get('sheaf') ?? []).map((ms, at) => (ms - (bare[at] ?? 0)) / count));
  const total = median(timings.get('sheaf') ?? []);
  const cpuOf = (name: string) => median(cpu.get(name) ?? []).toFixed(2);
  return [
    {
      what: 'shell step, durable, over a bare spawn',
      value: overhead,
      unit: 'ms',
      peer: 'bare spawn of sh -e -c true',
      peerValue: each('spawn'),
      target: '≤ 2 ms',
      isMet: overhead <= 2,
      note: `CPU with the step’s own ${cpuOf('sheaf')} ms, of the spawn ${cpuOf('spawn')} ms`,
    },
    ...peers.map(({ name, has }): Row => {
      const what = `chain of ${count} true steps`;
      const value = total / 1000;
      const target = { target: '≤ 4 s at 1,000', isMet: (total / count) * 1000 <= 4000 };
      if (!has) return { what, value, unit: 's', peer: name, ...target, note: MISSING[name] ?? '' };
      return {
        what,
        value,
        unit: 's',
        peer: name,
        peerValue: median(timings.get(name) ?? []) / 1000,
        ratio: medianRatio(timings, 'sheaf', name),
        ...target,
      };
    }),
  ];
}

const MISSING: Readonly<Record<string, string>> = {
  make: 'make is not installed',
  dagu: 'no dagu on the PATH, and npm has none under its name or @dagu-org/dagu',
};

/** One run in an engine and a state folder of its own. */
export async function runPlan(folder: string, plan: Plan): Promise<void> {
  const place = await mkdtemp(join(folder, 'run-'));
  const engine = await openEngine({ stateDir: join(place, 'state') });
  try {
    const { status, reason } = await engine.run({ plan, cwd: place, source: { kind: 'local', path: place } });
    if (status !== 'succeeded') throw new Error(`the run ${status}: ${reason?.message ?? ''}`);
  } finally {
    engine.close();
    await rm(place, { recursive: true, force: true });
  }
}

/** What a loop costs that does nothing but start the same processes, one after the other, and reads what they write. */
async function spawnAll(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await new Promise<void>((resolve, reject) => {
      const child = spawn('/bin/sh', ['-e', '-c', 'true'], {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout.resume();
      child.stderr.resume();
      child.once('error', reject);
      child.once('close', () => {
        resolve();
      });
    });
  }
}

function makefileOf(count: number): string {
  const rules = Array.from({ length: count }, (_, index) => {
    const needs = index === 0 ? '' : ` s${index - 1}`;
    return `s${index}:${needs}\n\t@true;\n`;
  });
  return `SHELL = /bin/sh\n.PHONY: all ${Array.from({ length: count }, (_, index) => `s${index}`).join(' ')}\nall: s${count - 1}\n${rules.join('')}`;
}

function dagOf(count: number): string {
  const steps = Array.from({ length: count }, (_, index) => {
    const needs = index === 0 ? '' : `\n    depends: s${index - 1}`;
    return `  - name: s${index}\n    command: "true"${needs}\n`;
  });
  return `steps:\n${steps.join('')}`;
}
