import { percentile, runLoad, type Operation } from '../../lib/load.js';
import type { Part } from '../plan.js';
import { runRounds } from '../rounds.js';
import { targetOf } from '../row.js';
import { startSheaf } from '../servers/sheaf.js';
import { sheafPublish } from '../sheaf-publish.js';

const BUNDLE_BYTES = 10 * 1024;
const CLIENTS = 8;
const WARM_UP = 300;
const PARTS = 10;

/** 10,000 new workflows in one run: what the last tenth of them waits, beside the others. */
export const growthPart: Part = {
  id: 'growth',
  run: async (plan, scope) => {
    const count = plan.isQuick ? 100 : 10_000;
    const server = await startSheaf({ dataDir: await plan.folder('sheaf-growth'), workers: 1 }, scope);
    const batches: (readonly Operation[])[] = [];
    for (const [name, size] of [
      ['warm', plan.isQuick ? 10 : WARM_UP],
      ['grow', count],
    ] as const) {
      const operations: Operation[] = [];
      for (let i = 0; i < size; i += 1)
        operations.push(await sheafPublish(server, `${name}-${i}`, '1.0.0', BUNDLE_BYTES));
      batches.push(operations);
    }
    let latenciesMs: readonly number[] = [];
    const round = async () => {
      const result = await runLoad(server.url, batches.shift() ?? [], { kind: 'closed', clients: CLIENTS });
      latenciesMs = result.latenciesMs;
      return result;
    };
    const cells = await runRounds([{ server, round }], 1);
    const deciles = Array.from({ length: PARTS }, (_, i) => {
      const part = latenciesMs.slice((i * count) / PARTS, ((i + 1) * count) / PARTS);
      return { p50Ms: percentile(part, 0.5), p99Ms: percentile(part, 0.99) };
    });
    const ratio = (deciles.at(-1)?.p50Ms ?? Number.NaN) / (deciles[0]?.p50Ms ?? Number.NaN);
    return [
      {
        id: 'growth',
        what: `${count.toLocaleString('en')} workflows in one run, ${CLIENTS} clients`,
        cells,
        targets: [targetOf('p50 of the last tenth ≤ 1.25 of the first', ratio, 'most', 1.25, cells)],
        notes: [
          `p50/p99 of each tenth, ms: ${deciles.map((d) => `${d.p50Ms.toFixed(1)}/${d.p99Ms.toFixed(1)}`).join(' ')}`,
        ],
        deciles,
      },
    ];
  },
};
