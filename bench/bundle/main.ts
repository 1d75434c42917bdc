// npm run bench:bundle [-- --json] [--quick] [--only archive,signatures,proofs,sequencer] [--note TEXT]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from '../lib/machine.js';
import { formatTable, type Row } from '../lib/report.js';
import { benchArchive } from './archive.js';
import { benchProofs } from './proofs.js';
import { benchSequencer } from './sequencer.js';
import { benchSignatures } from './signatures.js';

const PARTS = ['archive', 'signatures', 'proofs', 'sequencer'] as const;

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    /** Fewer rounds, to see that it works; writes no results. */
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: PARTS.join() },
    note: { type: 'string' },
  },
});
const rounds = options.quick ? 2 : 7;
const forMs = options.quick ? 200 : 2000;
const chosen = new Set(options.only.split(','));

const machine = describeMachine();
const startedAt = new Date();
const rows: Row[] = [];
const folder = await mkdtemp(join(tmpdir(), 'sheaf-bench-'));
try {
  if (chosen.has('archive')) rows.push(...(await benchArchive(folder, rounds)));
  if (chosen.has('signatures')) rows.push(...benchSignatures(forMs));
  if (chosen.has('proofs')) rows.push(...(await benchProofs(forMs)));
  if (chosen.has('sequencer'))
    rows.push(...(await benchSequencer(options.quick ? 1 : 5, options.quick ? 1 : 3)));
} finally {
  await rm(folder, { recursive: true, force: true });
}

const results = {
  benchmark: 'bundle',
  startedAt: startedAt.toISOString(),
  machine: { ...machine, loadAfter: loadavg().map((load) => Number(load.toFixed(2))) },
  rounds,
  ...(options.note === undefined ? {} : { note: options.note }),
  rows,
};
if (!options.quick) {
  const file = new URL(`../results/${startedAt.toISOString().slice(0, 10)}-bundle.json`, import.meta.url);
  await writeFile(fileURLToPath(file), `${JSON.stringify(results, undefined, 2)}\n`);
}
if (options.json) {
  process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
} else {
  const { processor, cores, system, loadBefore, versions } = machine;
  process.stdout.write(
    [
      `${processor}, ${cores} cores, ${system}; load ${loadBefore.join(' ')}; ${rounds} rounds, medians; ratios within a round`,
      Object.entries(versions)
        .map(([name, version]) => `${name}: ${version}`)
        .join(' · '),
      '',
      formatTable(rows),
      '',
    ].join('\n'),
  );
}
