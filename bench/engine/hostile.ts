import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '../lib/measure.js';
import type { Row } from '../lib/report.js';
import { readInChild, type Reading } from './children/children.js';

const HEAD = 'id = "bench/hostile"\nversion = "1.0.0"\ndescription = "hostile"\n\n';
const YAML = 'id: bench/hostile\nversion: 1.0.0\ndescription: hostile\n';
const many = (count: number, make: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => make(at)).join('');

/** Definitions that are made to be slow or large, and what must be said of each first. */
const CASES: readonly (readonly [title: string, file: string, code: string, text: () => string])[] = [
  [
    '10,000 steps in one cycle',
    'workflow.toml',
    'step.cycle',
    () => HEAD + many(10_000, (at) => `[steps.s${at}]\nrun = "x"\nneeds = ["s${(at + 1) % 10_000}"]\n`),
  ],
  [
    '10,000 steps in one cycle',
    'workflow.yaml',
    'step.cycle',
    () => `${YAML}steps:\n${many(10_000, (at) => `  s${at}: {run: x, needs: [s${(at + 1) % 10_000}]}\n`)}`,
  ],
  [
    '5,000 cycles of two steps',
    'workflow.toml',
    'step.cycle',
    () =>
      HEAD +
      many(
        5_000,
        (at) => `[steps.a${at}]\nrun="x"\nneeds=["b${at}"]\n[steps.b${at}]\nrun="x"\nneeds=["a${at}"]\n`,
      ),
  ],
  [
    '10,000 steps that do nothing',
    'workflow.toml',
    'key.missing',
    () => HEAD + many(10_000, (at) => `[steps.s${at}]\nrunn = "x"\n`),
  ],
  [
    '10,000 expressions with an error',
    'workflow.toml',
    'reference.unknown',
    () => HEAD + many(10_000, (at) => `[steps.s${at}]\nrun = "x"\nwhen = "\${{ params.q${at} }}"\n`),
  ],
  [
    '10,000 parameters',
    'workflow.toml',
    'value.range',
    () =>
      `${HEAD}[steps.a]\nrun = "x"\n${many(10_000, (at) => `[parameters.p${at}]\ntype = "string"\ndefault = ""\n`)}`,
  ],
  [
    '5,000 steps, and steps that need all of them',
    'workflow.toml',
    'step.need_unknown',
    () =>
      HEAD +
      many(5_000, (at) => `[steps.t${at}]\nrun = "x"\n`) +
      many(
        18,
        (at) => `[steps.w${at}]\nrun = "x"\nneeds = [${many(5_000, (need) => `"t${need}",`)}"none"]\n`,
      ),
  ],
  [
    'a loop over a list of 300,000 items',
    'workflow.toml',
    'value.range',
    () => `${HEAD}[steps.a]\nforeach = "\${{ [${'1,'.repeat(300_000)}1] }}"\nrun = "x"\n`,
  ],
  [
    'lists in lists, 500,000 deep',
    'workflow.toml',
    'syntax.too_deep',
    () => `${HEAD}x = ${'['.repeat(500_000)}`,
  ],
  ['a key of 200,000 parts', 'workflow.toml', 'key.missing', () => `${HEAD}${'a.'.repeat(200_000)}a = 1\n`],
  [
    '100,000 keys that there are not',
    'workflow.toml',
    'key.missing',
    () => HEAD + many(100_000, (at) => `k${at}=1\n`),
  ],
  [
    'a pattern that backtracks',
    'workflow.toml',
    'parameter.default',
    () =>
      `${HEAD}[parameters.a]\ntype = "string"\npattern = '^(([a-z]+)+)+$'\ndefault = "${'a'.repeat(30_000)}!"\n[steps.a]\nrun = "env"\n`,
  ],
  [
    'aliases of aliases',
    'workflow.yaml',
    'syntax.yaml',
    () => `a: &a [x]\n${many(30, (at) => `b${at}: &b${at} [${'*a,'.repeat(9)}]\n`)}`,
  ],
  [
    'a line of a megabyte',
    'workflow.toml',
    'key.missing',
    () => `${HEAD}[steps.a]\nrunn = "${'x'.repeat(1_000_000)}"\n`,
  ],
];

const MOST_MS = 1000;
const MOST_MIB = 200;

/** Each in a process of its own: the time of reading it, and the peak of the whole process. */
export async function benchHostile(folder: string, rounds: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [at, [title, name, code, makeText]] of CASES.entries()) {
    const place = join(folder, `hostile-${at}`);
    await mkdir(place);
    const file = join(place, name);
    await writeFile(file, makeText());
    const readings: Reading[] = [];
    for (let round = 0; round < rounds; round += 1) readings.push(await readInChild(file));
    const [first] = readings;
    if (first?.code !== code)
      throw new Error(`${title}: ${first?.code ?? 'no diagnostic'} instead of ${code}`);
    const ms = median(readings.map((each) => each.ms));
    const cpuMs = median(readings.map((each) => each.cpuMs));
    const peakMiB = median(readings.map((each) => each.peakMiB));
    rows.push({
      what: `${title}, ${name.endsWith('.yaml') ? 'YAML' : 'TOML'}`,
      value: ms,
      unit: 'ms',
      target: `≤ ${MOST_MS} ms, ≤ ${MOST_MIB} MiB`,
      isMet: ms <= MOST_MS && peakMiB <= MOST_MIB,
      note: `peak ${Math.round(peakMiB)} MiB; CPU ${Math.round(cpuMs)} ms; ${code}, ${first.count} in all`,
    });
  }
  return rows;
}
