// npm run bench:engine [-- --json] [--quick] [--only shell,inner,scale,planning,hostile,cached] [--rounds N] [--note TEXT] [--out FOLDER]
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, findVersion } from '../lib/machine.js';
import { formatTable, type Row } from '../lib/report.js';
import { withScope, type Scope } from '../lib/scope.js';
import { citeCachedRun } from './cached.js';
import { benchHostile } from './hostile.js';
import { benchInnerSteps, benchScale } from './inner.js';
import { benchPlanning } from './planning.js';
import { benchShellSteps } from './shell.js';

const PARTS = ['shell', 'inner', 'scale', 'planning', 'hostile', 'cached'] as const;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    /** Fewer steps and one round, to see that it works; writes no results. */
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: PARTS.join() },
    rounds: { type: 'string', default: '5' },
    note: { type: 'string' },
    /** Where results are written; `bench/results` unless given. */
    out: { type: 'string' },
  },
});
const wanted = new Set(options.only.split(','));
const unknown = [...wanted].find((word) => !PARTS.some((part) => part === word));
if (unknown !== undefined) {
  process.stderr.write(`there is no part ${unknown}: use ${PARTS.join(', ')}\n`);
  process.exit(2);
}
const rounds = options.quick ? 1 : Number(options.rounds);
const count = options.quick ? 100 : 1000;

const machine = describeMachine();
const startedAt = new Date();
const rows = await withScope(runParts);
const loadAfter = loadavg().map((load) => Number(load.toFixed(2)));
const results = {
  benchmark: 'engine',
  startedAt: startedAt.toISOString(),
  machine: {
    ...machine,
    versions: { ...machine.versions, make: findVersion('make') ?? 'missing' },
    loadAfter,
  },
  commit: findVersion('git', '-C', ROOT, 'rev-parse', '--short', 'HEAD') ?? 'unknown',
  rounds,
  count,
  ...(options.note === undefined ? {} : { note: options.note }),
  rows,
};
const report = [
  `${machine.processor}, ${machine.cores} cores, ${machine.memoryMib} MiB, ${machine.system}, Node ${machine.versions.node}`,
  `load before ${machine.loadBefore.join(' ')}, after ${loadAfter.join(' ')}; ${rounds} rounds in turns, medians; ratios within a round; commit ${results.commit}${options.note === undefined ? '' : `; ${options.note}`}`,
  '',
  formatTable(rows),
  '',
].join('\n');
if (!options.quick) {
  const folder = options.out ?? fileURLToPath(new URL('../results/', import.meta.url));
  await mkdir(folder, { recursive: true });
  const name = `engine-${startedAt.toISOString().slice(0, 10)}`;
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(join(folder, `${name}.md`), report);
}
process.stdout.write(options.json ? `${JSON.stringify(results, undefined, 2)}\n` : report);

async function runParts(scope: Scope): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sheaf-bench-'));
  scope.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const steps = { folder, rounds, count };
  const done: Row[] = [];
  if (wanted.has('shell')) done.push(...(await benchShellSteps(steps)));
  if (wanted.has('inner')) done.push(...(await benchInnerSteps({ ...steps, count: count * 2 })));
  if (wanted.has('scale')) done.push(...(await benchScale(steps)));
  if (wanted.has('planning')) done.push(...benchPlanning(count * 10, rounds));
  if (wanted.has('hostile')) done.push(...(await benchHostile(folder, Math.min(rounds, 3))));
  if (wanted.has('cached')) done.push(await citeCachedRun());
  return done;
}
