import { connectDatabase } from '../../../services/registry/src/db/connection.js';
import { createCorpus } from '../../../services/registry/test/search/corpus.js';
import { loadCorpus } from '../../../services/registry/test/search/load-corpus.js';
import { runGetLoad } from '../../lib/get-load.js';
import { runLoad, type Operation } from '../../lib/load.js';
import type { Part, Plan } from '../plan.js';
import { runRounds } from '../rounds.js';
import { targetOf, type BenchRow, type Cell, type Target } from '../row.js';
import { searchQueries } from '../search-queries.js';
import { startSheaf, type SheafServer } from '../servers/sheaf.js';
import { sheafPublish } from '../sheaf-publish.js';

const PER_SECOND = 50;
const CLIENTS = 16;
const SEED = 11;
const BUNDLE_BYTES = 10 * 1024;
/** What a page may take of what is in memory or in the index, from the first byte that was sent to the last that came. */
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
    // A round that is not counted comes first.
    const needed = PER_SECOND * plan.seconds * (plan.rounds + 1);
    const queries = searchQueries(described, needed, SEED);
    const searches = queries.map((query) => `/search?q=${encodeURIComponent(query)}`);
    const workflows = await publishWorkflows(server, needed);
    const notes = [`descriptions of the workflows: ${source}`];
    return [
      await newPages(
        plan,
        server,
        { id: 'search', what: 'pages of searches', mostMs: MOST_MS },
        searches,
        notes,
      ),
      await newPages(plan, server, { id: 'workflow', what: 'pages of workflows' }, workflows, notes),
      await heldPage(plan, server, { id: 'home', what: 'the front page' }, '/', notes),
      await heldPage(plan, server, { id: 'browse', what: 'the page of all' }, '/search?sort=recent', notes),
      await heldPage(
        plan,
        server,
        { id: 'same', what: 'the page of a workflow' },
        workflows[0] ?? '/',
        notes,
      ),
    ];
  },
};

/** Publishes so many workflows, and returns the addresses of their pages. */
async function publishWorkflows(server: SheafServer, count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, i) => `page-${i}`);
  const publishes = [];
  for (const name of names) publishes.push(await sheafPublish(server, name, '1.0.0', BUNDLE_BYTES));
  const { failed, firstFailure } = await runLoad(server.url, publishes, { kind: 'closed', clients: 8 });
  if (failed > 0) throw new Error(firstFailure);
  return names.map((name) => `/${server.namespace}/${name}`);
}

interface Named {
  readonly id: string;
  readonly what: string;
  /** Where there is a target. */
  readonly mostMs?: number;
}

/** Each is asked for once, so each is made. */
async function newPages(
  plan: Plan,
  server: SheafServer,
  { id, what, mostMs }: Named,
  paths: readonly string[],
  notes: readonly string[],
): Promise<BenchRow> {
  let next = 0;
  const round = () => {
    const taken = paths.slice(next, (next += PER_SECOND * plan.seconds));
    return runLoad(server.url, taken.map(pageOperation), { kind: 'open', perSecond: PER_SECOND });
  };
  const cells = await runRounds([{ server, round }], plan.rounds);
  return {
    id: `pages.${id}`,
    what: `${what}, ${PER_SECOND} unseen ones a second`,
    cells,
    targets: mostMs === undefined ? [] : [inTime(cells, mostMs)],
    notes,
  };
}

function inTime(cells: readonly Cell[], mostMs: number): Target {
  return targetOf(`p50 ≤ ${mostMs} ms`, cells[0]?.p50Ms ?? Number.NaN, 'most', mostMs, cells);
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
  const targets = [inTime(cells, MOST_MS)];
  return { id: `pages.${id}`, what: `${what}, ${CLIENTS} clients`, cells, targets, notes };
}

function pageOperation(path: string): Operation {
  return async (connection) => {
    const { status, body } = await connection.send({ path, headers: { Accept: 'text/html' } });
    if (status !== 200) throw new Error(`status ${status}: ${body.toString().slice(0, 200)}`);
  };
}
