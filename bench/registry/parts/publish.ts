import { runLoad, type Operation } from '../../lib/load.js';
import { countSyncs } from '../count-syncs.js';
import { createPeers } from '../peers.js';
import type { Part, Plan } from '../plan.js';
import { ratioOf, runRounds, type Contestant } from '../rounds.js';
import { targetOf, type BenchRow, type Cell, type Target } from '../row.js';
import { startDockerRegistry } from '../servers/docker-registry.js';
import { preparePgbench, type Pgbench } from '../servers/pgbench.js';
import type { Server } from '../servers/server.js';
import { startSheaf } from '../servers/sheaf.js';
import { startVerdaccio } from '../servers/verdaccio.js';
import { sheafPublish } from '../sheaf-publish.js';
import { dockerPublish, npmPublish } from '../uploads-of-peers.js';

const KIB = 1024;
const BUNDLE_BYTES = 10 * KIB;
const WARM_UP = 3_000;
const WARM_UP_SECONDS = 16;
const CEILINGS = {
  insert: 'pgbench, one row a commit',
  select: 'pgbench -S',
} as const;

/** A server, and how something new is published there. */
interface Publisher {
  readonly server: Server;
  readonly publish: (name: string) => Operation | Promise<Operation>;
}

/** New names of 10 KiB each, one client and eight; beside them how many commits PostgreSQL can do at all. */
export const publishPart: Part = {
  id: 'publish',
  run: async (plan, scope) => {
    const peers = createPeers(!plan.isQuick);
    const sheaf = await startSheaf({ dataDir: await plan.folder('sheaf'), workers: 1 }, scope);
    const publishers: Publisher[] = [
      { server: sheaf, publish: (name) => sheafPublish(sheaf, name, '1.0.0', BUNDLE_BYTES) },
    ];
    if (!plan.isQuick) {
      const two = await startSheaf({ dataDir: await plan.folder('sheaf-2'), workers: 2 }, scope);
      publishers.push({ server: two, publish: (name) => sheafPublish(two, name, '1.0.0', BUNDLE_BYTES) });
    }
    const verdaccio = await peers.find('Verdaccio', async () =>
      startVerdaccio(await plan.folder('verdaccio'), scope),
    );
    if (verdaccio)
      publishers.push({
        server: verdaccio,
        publish: (name) => npmPublish(verdaccio.token, name, '1.0.0', BUNDLE_BYTES),
      });
    const docker = await peers.find('docker-registry', async () =>
      startDockerRegistry(await plan.folder('docker-registry'), scope),
    );
    if (docker) publishers.push({ server: docker, publish: (name) => dockerPublish(name, BUNDLE_BYTES) });
    const pgbench = await peers.find('pgbench', async () =>
      preparePgbench(await plan.folder('pgbench'), (name) => sheaf.database(name)),
    );
    if (!plan.isQuick) await warmUp(publishers);
    const rows: BenchRow[] = [];
    for (const clients of [1, 8] as const) {
      const cells = await publishRow(plan, publishers, clients);
      const ceilings = pgbench ? await measureCeilings(pgbench, plan, clients) : [];
      rows.push({
        id: `publish.${clients}`,
        what: `publish 10 KiB, ${clients} client${clients === 1 ? '' : 's'}`,
        cells: [...cells, ...ceilings],
        targets: clients === 1 ? oneClientTargets(cells) : eightClientsTargets(cells),
        notes: peers.notes,
      });
    }
    return rows;
  },
};

let names = 0;

/** Until their code is compiled, as that of a service is which has run for a minute: engines of JavaScript go on for thousands of publishes. */
async function warmUp(publishers: readonly Publisher[]): Promise<void> {
  for (const { server, publish } of publishers) {
    const operations = await prepareOperations(publish, WARM_UP);
    await runLoad(server.url, operations, { kind: 'closed', clients: 8, seconds: WARM_UP_SECONDS });
  }
}

async function publishRow(
  plan: Plan,
  publishers: readonly Publisher[],
  clients: number,
): Promise<readonly Cell[]> {
  const cells = await runRounds(
    publishers.map((publisher) => contestantOf(publisher, plan, clients)),
    plan.rounds,
  );
  const counted: Cell[] = [];
  for (const [i, cell] of cells.entries()) {
    const publisher = publishers[i];
    const syncs = plan.isQuick || !publisher ? undefined : await syncsOf(publisher, clients);
    counted.push({ ...cell, ...(syncs === undefined ? {} : { syncs }) });
  }
  return counted;
}

/** As many as a fast server may need for the time, in one round; each name is used once. */
function contestantOf({ server, publish }: Publisher, plan: Plan, clients: number): Contestant {
  const count = plan.isQuick ? 20 * clients : Math.ceil((clients === 1 ? 200 : 600) * plan.seconds);
  let operations: Operation[] = [];
  return {
    server,
    prepare: async () => {
      operations = await prepareOperations(publish, count);
    },
    round: () => runLoad(server.url, operations, { kind: 'closed', clients, seconds: plan.seconds }),
  };
}

async function prepareOperations(publish: Publisher['publish'], count: number): Promise<Operation[]> {
  const operations: Operation[] = [];
  for (let i = 0; i < count; i += 1) operations.push(await publish(`load-${(names += 1)}`));
  return operations;
}

async function syncsOf({ server, publish }: Publisher, clients: number): Promise<number | undefined> {
  const operations = await prepareOperations(publish, 10 * clients);
  const calls = await countSyncs(server, async () => {
    await runLoad(server.url, operations, { kind: 'closed', clients });
  });
  return calls === undefined ? undefined : calls / operations.length;
}

async function measureCeilings(pgbench: Pgbench, plan: Plan, clients: number): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const load of ['insert', 'select'] as const) {
    const perSecond = await pgbench.run(load, clients, plan.seconds);
    cells.push({
      server: CEILINGS[load],
      version: pgbench.version,
      durability: load === 'insert' ? 'a power cut: the log of the database is synced' : 'reads only',
      operations: Math.round(perSecond * plan.seconds),
      failed: 0,
      perSecond,
    });
  }
  return cells;
}

function oneClientTargets(cells: readonly Cell[]): readonly Target[] {
  return [targetOf('p50 ≤ 10 ms', cells[0]?.p50Ms ?? Number.NaN, 'most', 10, cells)];
}

function eightClientsTargets(cells: readonly Cell[]): readonly Target[] {
  return [
    targetOf('≥ 1.5× Verdaccio', ratioOf(cells, 'Sheaf', 'Verdaccio'), 'least', 1.5, cells),
    targetOf('≥ 5× docker-registry', ratioOf(cells, 'Sheaf', 'docker-registry'), 'least', 5, cells),
    targetOf('≤ 2.5 CPU-ms in the registry', cells[0]?.serviceCpuMs ?? Number.NaN, 'most', 2.5, cells),
  ].filter(({ value }) => !Number.isNaN(value));
}
