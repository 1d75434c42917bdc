// npm run bench:engine [-- --json] [--quick] [--only shell,inner,planning] [--note TEXT]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from '../lib/machine.js';
import { formatTable, type Row } from '../lib/report.js';
import { benchInnerSteps, benchPlanning, benchShellSteps } from './steps.js';

const PARTS = ['shell', 'inner', 'planning'] as const;

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    /** Fewer steps and rounds, to see that it works; writes no results. */
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: PARTS.join() },
    note: { type: 'string' },
  },
});
const rounds = options.quick ? 1 : 5;
const count = options.quick ? 100 : 1000;
const chosen = new Set(options.only.split(','));

const machine = describeMachine();
const startedAt = new Date();
const rows: Row[] = [];
const folder = await mkdtemp(join(tmpdir(), 'sheaf-bench-'));
try {
  const steps = { folder, rounds, count };
  if (chosen.has('shell')) rows.push(...(await benchShellSteps(steps)));
  if (chosen.has('inner')) rows.push(...(await benchInnerSteps(steps)));
  if (chosen.has('planning')) rows.push(...benchPlanning(options.quick ? 1000 : 10_000, rounds));
} finally {
  await rm(folder, { recursive: true, force: true });
}

const results = {
  benchmark: 'engine',
  startedAt: startedAt.toISOString(),
  machine: { ...machine, loadAfter: loadavg().map((load) => Number(load.toFixed(2))) },
  rounds,
  count,
  ...(options.note === undefined ? {} : { note: options.note }),
  rows,
};
if (!options.quick) {
  const file = new URL(`../results/${startedAt.toISOString().slice(0, 10)}-engine.json`, import.meta.url);
  await writeFile(fileURLToPath(file), `${JSON.stringify(results, undefined, 2)}\n`);
}
if (options.json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
else {
  const { processor, cores, system, loadBefore } = machine;
  const about = `${processor}, ${cores} cores, ${system}; load ${loadBefore.join(' ')}; ${rounds} rounds, medians; ratios within a round`;
  process.stdout.write([about, '', formatTable(rows), ''].join('\n'));
}
