import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openEngine } from '@sheaf/engine';
import { createPlan, readDefinition, type Plan } from '@sheaf/workflow';
import { interleave, median, medianRatio } from '../lib/measure.js';
import { findVersion } from '../lib/machine.js';
import type { Row } from '../lib/report.js';
import { definitionOf, ECHO, planOf, SCRIPT, TRUE } from './plans.js';

export interface StepsOptions {
  readonly folder: string;
  readonly rounds: number;
  /** Steps of the long chain. */
  readonly count: number;
}

/** Chains of `true` beside a bare loop of spawns and `make`, and how the cost of a step grows with their number. */
export async function benchShellSteps({ folder, rounds, count }: StepsOptions): Promise<readonly Row[]> {
  const hasMake = findVersion('make') !== undefined;
  const makefile = join(folder, 'Makefile');
  await writeFile(makefile, makefileOf(count));
  const timings = await interleave(
    [
      { name: 'sheaf', run: () => runPlan(folder, planOf(count, TRUE, true)) },
      { name: 'spawn', run: () => spawnAll(count) },
      ...(hasMake
        ? [
            {
              name: 'make',
              run: () => {
                runMake(makefile);
              },
            },
          ]
        : []),
    ],
    rounds,
  );
  const each = (name: string) => median(timings.get(name) ?? []) / count;
  const overhead = each('sheaf') - each('spawn');
  const total = median(timings.get('sheaf') ?? []);
  const long = await timeOnce(() => runPlan(folder, planOf(count * 10, TRUE, true)));
  const growth = long / 10 / total;
  return [
    {
      what: 'shell step, durable, over a bare spawn',
      value: overhead,
      unit: 'ms',
      peer: 'bare spawn of sh -e -c true',
      peerValue: each('spawn'),
      target: '≤ 2 ms',
      isMet: overhead <= 2,
    },
    {
      what: `chain of ${count} true steps`,
      value: total / 1000,
      unit: 's',
      peer: hasMake ? 'make, a recipe a step' : 'make is not installed',
      ...(hasMake
        ? {
            peerValue: median(timings.get('make') ?? []) / 1000,
            ratio: medianRatio(timings, 'sheaf', 'make'),
          }
        : {}),
      target: '≤ 4 s at 1,000',
      isMet: (total / count) * 1000 <= 4000,
    },
    {
      what: `cost of a step at ${count * 10} beside ${count}`,
      value: growth,
      unit: '×',
      target: 'linear: ≤ 1.3',
      isMet: growth <= 1.3,
    },
  ];
}

/** Steps that start no process. */
export async function benchInnerSteps({ folder, count }: StepsOptions): Promise<readonly Row[]> {
  const echoMs = await timeOnce(() => runPlan(folder, planOf(count, ECHO, false)));
  const chainMs = await timeOnce(() => runPlan(folder, planOf(count, ECHO, true)));
  const scripts = Math.max(20, Math.floor(count / 10));
  const firstMs = await timeOnce(() => runPlan(folder, planOf(1, SCRIPT, true)));
  const scriptMs = await timeOnce(() => runPlan(folder, planOf(scripts, SCRIPT, true)));
  const rate = (ms: number) => (count * 1000) / ms;
  const warm = (scriptMs - firstMs) / (scripts - 1);
  return [
    {
      what: `core.echo, ${count} free of each other`,
      value: rate(echoMs),
      unit: '/s',
      target: '≥ 2,000/s',
      isMet: rate(echoMs) >= 2000,
    },
    { what: `core.echo, a chain of ${count}`, value: rate(chainMs), unit: '/s' },
    { what: 'script step, warm', value: warm, unit: 'ms', target: '≤ 10 ms', isMet: warm <= 10 },
    {
      what: 'script step, first of an engine',
      value: firstMs,
      unit: 'ms',
      target: '< 50 ms',
      isMet: firstMs < 50,
    },
  ];
}

/** Planning, without and with parsing. */
export function benchPlanning(count: number, rounds: number): readonly Row[] {
  const text = definitionOf(count);
  const parsing: number[] = [];
  const planning: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    const { definition, diagnostics } = readDefinition({ text, file: 'workflow.toml' });
    const parsed = performance.now();
    if (definition === undefined) throw new Error(diagnostics[0]?.message ?? 'the definition is not valid');
    createPlan(definition, {});
    parsing.push(parsed - began);
    planning.push(performance.now() - parsed);
  }
  const planMs = median(planning);
  return [
    {
      what: `planning ${count} parsed steps`,
      value: planMs,
      unit: 'ms',
      target: '≤ 200 ms',
      isMet: planMs <= 200,
      note: `a file of ${Math.round(text.length / 1024)} KiB, read and checked in ${Math.round(median(parsing))} ms`,
    },
  ];
}

async function runPlan(folder: string, plan: Plan): Promise<void> {
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

function runMake(makefile: string): void {
  execFileSync('make', ['-s', '-f', makefile, 'all'], { stdio: 'ignore' });
}

async function timeOnce(act: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}
