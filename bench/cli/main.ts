// npm run bench:cli [-- --quick] [--only starts,fetching,peers,completion] [--rounds N] [--json] [--note TEXT] [--out FOLDER]
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, findVersion } from '../lib/machine.js';
import { formatTable, type Row } from '../lib/report.js';
import { withScope, type Scope } from '../lib/scope.js';
import { MissingPeer } from '../registry/servers/server.js';
import { startSheaf } from '../registry/servers/sheaf.js';
import { startVerdaccio } from '../registry/servers/verdaccio.js';
import { benchCompletion } from './completion.js';
import { benchFetching } from './fetching.js';
import { benchPeers } from './peers.js';
import { createPerson } from './person.js';
import { benchStarts } from './starts.js';

const PARTS = ['starts', 'fetching', 'peers', 'completion'] as const;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const { values: options } = parseArgs({
  options: {
    /** Few rounds without peers, to see that it works; writes no results. */
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: PARTS.join() },
    rounds: { type: 'string', default: '25' },
    json: { type: 'boolean', default: false },
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
const rounds = options.quick ? 2 : Number(options.rounds);

const startedAt = new Date();
const machine = describeMachine();
const rows = await withScope(runParts);
const loadAfter = loadavg().map((load) => Number(load.toFixed(2)));
const versions = { ...machine.versions, npm: findVersion('npm'), curl: findVersion('curl') };
const results = {
  benchmark: 'cli',
  startedAt: startedAt.toISOString(),
  machine: { ...machine, versions, loadAfter },
  commit: findVersion('git', '-C', ROOT, 'rev-parse', '--short', 'HEAD') ?? 'unknown',
  rounds,
  ...(options.note === undefined ? {} : { note: options.note }),
  rows,
};
const report = [
  `${machine.processor}, ${machine.cores} cores, ${machine.memoryMib} MiB, ${machine.system}, Node ${machine.versions.node}, npm ${versions.npm ?? 'missing'}`,
  `load before ${machine.loadBefore.join(' ')}, after ${loadAfter.join(' ')}; ${rounds} rounds in turns, medians; ratios within a round; commit ${results.commit}${options.note === undefined ? '' : `; ${options.note}`}`,
  '',
  formatTable(rows),
  '',
].join('\n');
if (!options.quick) {
  const folder = options.out ?? fileURLToPath(new URL('../results/', import.meta.url));
  await mkdir(folder, { recursive: true });
  const name = `cli-${startedAt.toISOString().slice(0, 10)}`;
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(join(folder, `${name}.md`), report);
}
process.stdout.write(options.json ? `${JSON.stringify(results, undefined, 2)}\n` : report);

async function runParts(scope: Scope): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sheaf-bench-'));
  scope.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const done: Row[] = [];
  if (wanted.has('completion')) done.push(...(await benchCompletion(join(folder, 'shell'), rounds)));
  if (wanted.size === 1 && wanted.has('completion')) return done;
  const registry = await startSheaf({ dataDir: join(folder, 'registry'), workers: 1 }, scope);
  const person = await createPerson(join(folder, 'person'), registry);
  if (wanted.has('fetching')) done.unshift(...(await benchFetching(person, registry.url, rounds)));
  if (wanted.has('starts')) done.unshift(...(await benchStarts(person, registry.url, rounds)));
  if (wanted.has('peers') && !options.quick) {
    try {
      const verdaccio = await startVerdaccio(join(folder, 'verdaccio'), scope);
      done.push(...(await benchPeers(person, verdaccio, rounds)));
    } catch (error) {
      if (!(error instanceof MissingPeer)) throw error;
      done.push({ what: 'npm against Verdaccio', unit: 'ms', note: error.message });
    }
  }
  return done;
}
