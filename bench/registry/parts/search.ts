import { connectDatabase } from '../../../services/registry/src/db/connection.js';
import { createCorpus, type CorpusEntry } from '../../../services/registry/test/search/corpus.js';
import { loadCorpus } from '../../../services/registry/test/search/load-corpus.js';
import { runLoad, type LoadShape, type Operation } from '../../lib/load.js';
import { createPeers } from '../peers.js';
import type { Part, Plan } from '../plan.js';
import { runRounds } from '../rounds.js';
import { targetOf, type BenchRow, type Cell } from '../row.js';
import { searchQueries } from '../search-queries.js';
import type { Server } from '../servers/server.js';
import { startSheaf } from '../servers/sheaf.js';
import { startVerdaccio, type VerdaccioServer } from '../servers/verdaccio.js';
import { npmPublish } from '../uploads-of-peers.js';

const OPEN_PER_SECOND = 200;
const CLIENTS = 16;
/** What a closed loop may use up in a second. */
const QUERIES_PER_SECOND = 2_500;
/** Of more its search takes hundreds of milliseconds of processor time. */
const VERDACCIO_PACKAGES = 500;
const NAMES = 300;
const SEED = 7;

/** Queries that were never asked before, over 20,000 workflows described as Debian describes its packages. */
export const searchPart: Part = {
  id: 'search',
  run: async (plan, scope) => {
    const peers = createPeers(!plan.isQuick);
    const size = plan.isQuick ? 1_000 : 20_000;
    const corpus = await createCorpus(size);
    const dataDir = await plan.folder('sheaf-search');
    const described = corpus.entries
      .filter(isFound)
      .map(({ name, facts }) => ({ name, description: facts.description ?? '' }));
    const queries = createQueue(searchQueries(described, size * 3, SEED));

    const one = await startSheaf({ dataDir, workers: 1 }, scope);
    await fill(one.database(), corpus.entries);
    const open: Cell[] = [
      ...(await measure(plan, one, queries, { kind: 'open', perSecond: OPEN_PER_SECOND })),
    ];
    const closed: Cell[] = [...(await measure(plan, one, queries, closedFor(plan)))];
    const found = await countRight(one, corpus.entries, plan.isQuick ? 50 : NAMES);
    await one.stop();
    if (!plan.isQuick) {
      const two = await startSheaf({ dataDir, workers: 2 }, scope);
      open.push(...(await measure(plan, two, queries, { kind: 'open', perSecond: OPEN_PER_SECOND })));
      closed.push(...(await measure(plan, two, queries, closedFor(plan))));
      await two.stop();
    }
    const verdaccio = await peers.find('Verdaccio', async () =>
      startVerdaccio(await plan.folder('verdaccio-search'), scope),
    );
    if (verdaccio) closed.push(await measureVerdaccio(plan, verdaccio, corpus.entries, queries));

    const notes = [`descriptions of the searched workflows: ${corpus.source}`, ...peers.notes];
    const sizeText = size.toLocaleString('en');
    return [
      openRow(`search ${sizeText} workflows, ${OPEN_PER_SECOND} unseen queries a second`, open, notes),
      closedRow(`search ${sizeText} workflows, ${CLIENTS} clients`, closed, notes),
      {
        id: 'search.first',
        what: 'the workflow of that name is the first hit',
        cells: [{ server: one.name, operations: found.asked, failed: found.asked - found.right }],
        targets: [targetOf('all', found.right / found.asked, 'least', 1)],
        notes: found.wrong === undefined ? notes : [...notes, `not first: ${found.wrong}`],
      },
    ];
  },
};

function openRow(what: string, cells: readonly Cell[], notes: readonly string[]): BenchRow {
  const [first] = cells;
  return {
    id: 'search.open',
    what,
    cells,
    targets: [
      targetOf('p50 ≤ 3 ms', first?.p50Ms ?? Number.NaN, 'most', 3, cells),
      targetOf('p99 ≤ 20 ms', first?.p99Ms ?? Number.NaN, 'most', 20, cells),
    ],
    notes,
  };
}

function closedRow(what: string, cells: readonly Cell[], notes: readonly string[]): BenchRow {
  const own = cells.filter(({ server }) => server.startsWith('Sheaf'));
  const perSecond = Math.max(...own.map((cell) => cell.perSecond ?? 0));
  return {
    id: 'search.closed',
    what,
    cells,
    targets: [targetOf('≥ 1,500/s', perSecond, 'least', 1_500, own)],
    notes,
  };
}

function closedFor(plan: Plan): LoadShape {
  return { kind: 'closed', clients: CLIENTS, seconds: plan.seconds };
}

/** Workflows that anybody can find. */
function isFound({ visibility, state }: CorpusEntry): boolean {
  return visibility === 'public' && (state === 'active' || state === 'deprecated');
}

interface Queue {
  take(count: number): readonly string[];
}

/** Every query is handed out once. */
function createQueue(queries: readonly string[]): Queue {
  let next = 0;
  return {
    take: (count) => {
      const taken = queries.slice(next, next + count);
      next += taken.length;
      if (taken.length === 0) throw new Error('all queries were asked');
      return taken;
    },
  };
}

async function fill(url: string, entries: readonly CorpusEntry[]): Promise<void> {
  const db = connectDatabase({ url, maxConnections: 2, onConnectionError: () => undefined });
  try {
    await loadCorpus(db, entries, Date.now());
  } finally {
    await db.destroy();
  }
}

function searchOperation(query: string, pathOf: (query: string) => string): Operation {
  const path = pathOf(query);
  return async (connection) => {
    const { status, body } = await connection.send({ path, headers: { Accept: 'application/json' } });
    if (status !== 200) throw new Error(`status ${status}: ${body.toString().slice(0, 200)}`);
  };
}

const pathOfSheaf = (query: string) => `/v1/workflows?q=${encodeURIComponent(query)}`;
const pathOfVerdaccio = (query: string) => `/-/v1/search?text=${encodeURIComponent(query)}&size=20`;

async function measure(
  plan: Plan,
  server: Server,
  queries: Queue,
  shape: LoadShape,
): Promise<readonly Cell[]> {
  const perSecond = shape.kind === 'open' ? shape.perSecond : QUERIES_PER_SECOND;
  // An open loop of few requests says little about its slowest hundredth.
  const seconds = shape.kind === 'open' && !plan.isQuick ? plan.seconds * 2 : plan.seconds;
  const round = () => {
    const operations = queries
      .take(plan.isQuick ? 100 : perSecond * seconds)
      .map((query) => searchOperation(query, pathOfSheaf));
    return runLoad(server.url, operations, shape);
  };
  return runRounds([{ server, round }], plan.rounds);
}

async function measureVerdaccio(
  plan: Plan,
  server: VerdaccioServer,
  entries: readonly CorpusEntry[],
  queries: Queue,
): Promise<Cell> {
  const publishes = entries
    .slice(0, VERDACCIO_PACKAGES)
    .map(({ name }) => npmPublish(server.token, `bench-${name}`.slice(0, 100), '1.0.0', 1024));
  const filled = await runLoad(server.url, publishes, { kind: 'closed', clients: 4 });
  if (filled.failed > 0) throw new Error(`verdaccio: ${filled.firstFailure ?? ''}`);
  const round = () => {
    const operations = queries.take(100).map((query) => searchOperation(query, pathOfVerdaccio));
    return runLoad(server.url, operations, closedFor(plan));
  };
  const [cell] = await runRounds([{ server, round }], Math.min(plan.rounds, 2));
  if (!cell) throw new Error('nothing was measured');
  return { ...cell, note: `of ${VERDACCIO_PACKAGES} packages only` };
}

/** How many of some workflows are the first hit when their names are searched. Names are unique here. */
async function countRight(server: Server, entries: readonly CorpusEntry[], count: number) {
  const findable = entries.filter(isFound);
  const step = Math.max(1, Math.floor(findable.length / count));
  let right = 0;
  let asked = 0;
  let wrong: string | undefined;
  for (let i = 0; i < findable.length && asked < count; i += step) {
    const entry = findable[i];
    if (!entry) break;
    const response = await fetch(`${server.url}${pathOfSheaf(entry.name)}`);
    const { hits } = (await response.json()) as { readonly hits: readonly { readonly id: string }[] };
    asked += 1;
    if (hits[0]?.id === `${entry.namespace}/${entry.name}`) right += 1;
    else wrong ??= `${entry.name} (${hits[0]?.id ?? 'nothing'} is)`;
  }
  return { asked, right, wrong };
}
