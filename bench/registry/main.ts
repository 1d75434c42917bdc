// npm run bench:registry [-- --quick] [--only publish,reads,search,pages,proofs,idle,growth] [--json] [--note TEXT]
// [--out FOLDER] [--minutes N]
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findGenerator } from '../lib/get-load.js';
import { describeMachine, findVersion } from '../lib/machine.js';
import { withScope, type Scope } from '../lib/scope.js';
import { growthPart } from './parts/growth.js';
import { idlePart } from './parts/idle.js';
import { pagesPart } from './parts/pages.js';
import { proofsPart } from './parts/proofs.js';
import { publishPart } from './parts/publish.js';
import { readsPart } from './parts/reads.js';
import { searchPart } from './parts/search.js';
import type { Part, Plan } from './plan.js';
import type { BenchRow } from './row.js';
import { formatRows } from './table.js';

const PARTS: readonly Part[] = [
  idlePart,
  publishPart,
  readsPart,
  searchPart,
  pagesPart,
  proofsPart,
  growthPart,
];

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const { values: options } = parseArgs({
  options: {
    /** Short rounds without peers, to see that it works; writes no results. */
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: PARTS.map(({ id }) => id).join() },
    json: { type: 'boolean', default: false },
    note: { type: 'string' },
    /** No part begins later than this, and what runs then is ended. */
    minutes: { type: 'string', default: '14.5' },
    /** Where results are written; `bench/results` unless given. */
    out: { type: 'string' },
  },
});
const wanted = new Set(options.only.split(','));
const unknown = [...wanted].find((id) => !PARTS.some((part) => part.id === id));
if (unknown !== undefined) {
  process.stderr.write(`there is no part ${unknown}: use ${PARTS.map(({ id }) => id).join(', ')}\n`);
  process.exit(2);
}

const startedAt = new Date();
const startedMs = performance.now();
const machine = describeMachine();
const rows = await withScope(runParts);
const results = {
  benchmark: 'registry',
  startedAt: startedAt.toISOString(),
  seconds: Math.round((performance.now() - startedMs) / 1000),
  machine: { ...machine, loadAfter: loadavg().map((load) => Number(load.toFixed(2))) },
  // The registry and everything beside it come from this state of the repository.
  commit: findVersion('git', '-C', ROOT, 'rev-parse', '--short', 'HEAD') ?? 'unknown',
  ...(options.note === undefined ? {} : { note: options.note }),
  rows,
};
const report = [
  `${machine.processor}, ${machine.cores} cores, ${machine.memoryMib} MiB, ${machine.system}, Node ${machine.versions.node}`,
  `load before ${machine.loadBefore.join(' ')}, after ${results.machine.loadAfter.join(' ')}; ${results.seconds} s; commit ${results.commit}${options.note === undefined ? '' : `; ${options.note}`}`,
  '',
  formatRows(rows),
  '',
].join('\n');
if (!options.quick) {
  const folder = options.out ?? fileURLToPath(new URL('../results/', import.meta.url));
  await mkdir(folder, { recursive: true });
  const name = `registry-${startedAt.toISOString().slice(0, 10)}`;
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(join(folder, `${name}.md`), report);
}
process.stdout.write(options.json ? `${JSON.stringify(results, undefined, 2)}\n` : report);
if (rows.some((row) => row.cells.some((cell) => cell.failed > 0))) process.exitCode = 1;

async function runParts(scope: Scope): Promise<readonly BenchRow[]> {
  const root = await mkdtemp(join(tmpdir(), 'sheaf-bench-'));
  scope.add(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  const plan: Plan = {
    isQuick: options.quick,
    rounds: options.quick ? 1 : 3,
    seconds: options.quick ? 1 : 2,
    generator: await findGenerator(),
    folder: async (name) => {
      const folder = join(root, name);
      await mkdir(folder, { recursive: true });
      return folder;
    },
  };
  const done: BenchRow[] = [];
  for (const part of PARTS.filter(({ id }) => wanted.has(id))) {
    process.stderr.write(`${part.id} …\n`);
    const partMs = performance.now();
    done.push(...(await scope.within((inner) => inTime(part, plan, inner))));
    process.stderr.write(`${part.id}: ${Math.round((performance.now() - partMs) / 1000)} s\n`);
  }
  return done;
}

/** The rows of a part, or one that says why there are none. */
async function inTime(part: Part, plan: Plan, scope: Scope): Promise<readonly BenchRow[]> {
  const leftMs = Number(options.minutes) * 60_000 - (performance.now() - startedMs);
  const without = (why: string): readonly BenchRow[] => [
    { id: part.id, what: part.id, cells: [], targets: [], notes: [why] },
  ];
  if (leftMs <= 0) return without('not measured: the time was used up');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly BenchRow[]>((resolve) => {
    timer = setTimeout(() => {
      resolve(without('not measured: the time was used up'));
    }, leftMs);
  });
  try {
    return await Promise.race([part.run(plan, scope), late]);
  } finally {
    clearTimeout(timer);
  }
}
