import { connectDatabase } from '../../../services/registry/src/db/connection.js';
import { createCorpus } from '../../../services/registry/test/search/corpus.js';
import { loadCorpus } from '../../../services/registry/test/search/load-corpus.js';
import { runGetLoad } from '../../lib/get-load.js';
import { runLoad, type Operation } from '../../lib/load.js';
import type { Part, Plan } from '../plan.js';
import { runRounds } from '../rounds.js';
import { targetOf, type BenchRow, type Cell } from '../row.js';
import { searchQueries } from '../search-queries.js';
import { startSheaf, type SheafServer } from '../servers/sheaf.js';

const PER_SECOND = 50;
const CLIENTS = 16;
const SEED = 11;
/** What a page that nobody has seen may take, from the first byte that was sent to the last that came. */
const MOST_MS = 5;

/** Pages as browsers ask for them: those that are made when they are asked for, and those that are in memory. */
export const pagesPart: Part = {
  id: 'pages',
  run: async (plan, scope) => {
    const size = plan.isQuick ? 300 : 5_000;
    const { entries, source } = await createCorpus(size);
    const server = await startSheaf({ dataDir: await plan.folder('sheaf-pages'), workers: 1 }, scope);
    const db = connectDatabase({
      url: server.database(),
      maxConnections: 2,
      onConnectionError: () => undefined,
    });
    await loadCorpus(db, entries, Date.now()).finally(() => db.destroy());
    const described = entries.map(({ name, facts }) => ({ name, description: facts.description ?? '' }));
    const queries = searchQueries(described, PER_SECOND * plan.seconds * (plan.rounds + 2), SEED);
    const searches = queries.map((query) => `/search?q=${encodeURIComponent(query)}`);
    const notes = [`descriptions of the workflows: ${source}`];
    return [
      await newPages(plan, server, { id: 'search', what: 'pages of searches' }, searches, notes),
      await heldPage(plan, server, { id: 'home', what: 'the front page' }, '/', notes),
      await heldPage(plan, server, { id: 'browse', what: 'the page of all' }, '/search?sort=recent', notes),
    ];
  },
};

interface Named {
  readonly id: string;
  readonly what: string;
}

/** Each is asked for once, so each is made. */
async function newPages(
  plan: Plan,
  server: SheafServer,
  { id, what }: Named,
  paths: readonly string[],
  notes: readonly string[],
): Promise<BenchRow> {
  let next = 0;
  const round = () => {
    const taken = paths.slice(next, (next += PER_SECOND * plan.seconds));
    return runLoad(server.url, taken.map(pageOperation), { kind: 'open', perSecond: PER_SECOND });
  };
  const cells = await runRounds([{ server, round }], plan.rounds);
  const cpuMs = ({ serviceCpuMs = Number.NaN, databaseCpuMs = Number.NaN }: Partial<Cell> = {}) =>
    serviceCpuMs + databaseCpuMs;
  return {
    id: `pages.${id}`,
    what: `${what}, ${PER_SECOND} unseen ones a second`,
    cells,
    targets: [
      targetOf(`p50 ≤ ${MOST_MS} ms`, cells[0]?.p50Ms ?? Number.NaN, 'most', MOST_MS, cells),
      targetOf(`≤ ${MOST_MS} CPU-ms`, cpuMs(cells[0]), 'most', MOST_MS, cells),
    ],
    notes,
  };
}

/** The same again and again: it is made once. */
async function heldPage(
  plan: Plan,
  server: SheafServer,
  { id, what }: Named,
  path: string,
  notes: readonly string[],
): Promise<BenchRow> {
  const target = { origin: server.url, path, status: 200 as const, headers: { Accept: 'text/html' } };
  const load = { clients: CLIENTS, seconds: plan.seconds, generator: plan.generator };
  const cells = await runRounds([{ server, round: () => runGetLoad(target, load) }], plan.rounds);
  return { id: `pages.${id}`, what: `${what}, ${CLIENTS} clients`, cells, targets: [], notes };
}

function pageOperation(path: string): Operation {
  return async (connection) => {
    const { status, body } = await connection.send({ path, headers: { Accept: 'text/html' } });
    if (status !== 200) throw new Error(`status ${status}: ${body.toString().slice(0, 200)}`);
  };
}
