import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { runGetLoad, type GetTarget } from '../../lib/get-load.js';
import { findField, openConnection } from '../../lib/http-connection.js';
import { runLoad, type Operation } from '../../lib/load.js';
import { createPeers } from '../peers.js';
import type { Part, Plan } from '../plan.js';
import { ratioOf, runRounds } from '../rounds.js';
import { targetOf, type BenchRow, type Cell, type Target } from '../row.js';
import { startDockerRegistry } from '../servers/docker-registry.js';
import { startNginx } from '../servers/nginx.js';
import type { Server } from '../servers/server.js';
import { startSheaf, type SheafServer } from '../servers/sheaf.js';
import { startVerdaccio, type VerdaccioServer } from '../servers/verdaccio.js';
import { sheafPublish } from '../sheaf-publish.js';
import { dockerPublish, npmPublish } from '../uploads-of-peers.js';

const KIB = 1024;
const MIB = KIB * KIB;
const CLIENTS = 16;
const VERSIONS = [1, 20, 200] as const;
const DOWNLOADS = [
  ['10 KiB', 10 * KIB],
  ['1 MiB', MIB],
] as const;
/** Every worker has heard of the last change by then. */
const SETTLE_MS = 500;

/** A server, and where it has what is read. */
interface Reader {
  readonly server: Server;
  readonly paths: ReadonlyMap<string, string>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Metadata of 1, 20 and 200 versions, the same unchanged, and downloads; 16 clients that keep their connections. */
export const readsPart: Part = {
  id: 'reads',
  run: async (plan, scope) => {
    const peers = createPeers(!plan.isQuick);
    const versions = plan.isQuick ? VERSIONS.slice(0, 2) : VERSIONS;
    const readers: Reader[] = [];
    for (const workers of plan.isQuick ? ([1] as const) : ([1, 2] as const)) {
      const server = await startSheaf(
        { dataDir: await plan.folder(`sheaf-reads-${workers}`), workers },
        scope,
      );
      readers.push({ server, paths: await fillSheaf(server, versions) });
    }
    const verdaccio = await peers.find('Verdaccio', async () =>
      startVerdaccio(await plan.folder('verdaccio-reads'), scope),
    );
    if (verdaccio) readers.push({ server: verdaccio, paths: await fillVerdaccio(verdaccio, versions) });
    const docker = await peers.find('docker-registry', async () =>
      startDockerRegistry(await plan.folder('docker-registry-reads'), scope),
    );
    if (docker) readers.push({ server: docker, paths: await fillDocker(docker) });
    const [first] = readers;
    if (!first) return [];
    const files = [...first.paths].map(([what, path]) => ({ what, path }));
    const nginx = await peers.find('nginx', async () =>
      startNginx(
        await plan.folder('nginx'),
        await Promise.all(files.map(({ what, path }) => staticFile(what, first.server, path))),
        scope,
      ),
    );
    if (nginx)
      readers.push({ server: nginx, paths: new Map(files.map(({ what }) => [what, staticPath(what)])) });
    await sleep(SETTLE_MS);
    const rows: BenchRow[] = [];
    for (const count of versions) {
      const what = metadataOf(count);
      rows.push(await readRow(plan, readers, what, 200, peers.notes));
      rows.push(await readRow(plan, readers, what, 304, peers.notes));
    }
    for (const [label] of DOWNLOADS) rows.push(await readRow(plan, readers, label, 200, peers.notes));
    return withFlatness(rows);
  },
};

function metadataOf(versions: number): string {
  return `metadata, ${versions} version${versions === 1 ? '' : 's'}`;
}

async function readRow(
  plan: Plan,
  readers: readonly Reader[],
  what: string,
  status: 200 | 304,
  notes: readonly string[],
): Promise<BenchRow> {
  const contestants = [];
  for (const { server, paths } of readers) {
    const path = paths.get(what);
    if (path === undefined) continue;
    const target = await targetAt(server, path, status);
    const load = { clients: CLIENTS, seconds: plan.seconds, generator: plan.generator };
    contestants.push({ server, round: () => runGetLoad(target, load) });
  }
  const cells = await runRounds(contestants, plan.rounds);
  const isDownload = !what.startsWith('metadata');
  const id = isDownload
    ? `reads.download.${what.replace(' ', '')}`
    : `reads.${what.replace(/\D/g, '')}${status === 304 ? '.304' : ''}`;
  return {
    id,
    what: isDownload ? `download ${what}` : `${what}${status === 304 ? ', unchanged (304)' : ''}`,
    cells,
    targets: isDownload ? downloadTargets(what, cells) : metadataTargets(cells),
    notes,
  };
}

/** Asked for once before, so that what is loaded is known to answer as it should. */
async function targetAt(server: Server, path: string, status: 200 | 304): Promise<GetTarget> {
  // Each encoding has its own tag, and the generators ask for none.
  const accept: Readonly<Record<string, string>> = path.includes('/manifests/')
    ? { Accept: 'application/vnd.docker.distribution.manifest.v2+json' }
    : {};
  const connection = await openConnection(server.url);
  try {
    const first = await connection.send({ path, headers: accept });
    if (first.status !== 200) throw new Error(`${server.name} answers ${path} with ${first.status}`);
    if (status === 200) return { origin: server.url, path, status, headers: accept };
    const headers = { ...accept, 'If-None-Match': findField(first.head, 'etag') ?? '' };
    const again = await connection.send({ path, headers });
    if (again.status !== 304) throw new Error(`${server.name} answers ${path} with ${again.status}, not 304`);
    return { origin: server.url, path, status, headers };
  } finally {
    connection.close();
  }
}

/** Ours is the faster of one process and two workers: what the design asks for is what two cores can do. */
function best(cells: readonly Cell[], peer: string): number {
  const ratios = ['Sheaf', 'Sheaf, 2 workers'].map((name) => ratioOf(cells, name, peer));
  return Math.max(...ratios.filter((ratio) => !Number.isNaN(ratio)));
}

function metadataTargets(cells: readonly Cell[]): readonly Target[] {
  return onlyMeasured([targetOf('≥ 5× Verdaccio', best(cells, 'Verdaccio'), 'least', 5, cells)]);
}

function downloadTargets(what: string, cells: readonly Cell[]): readonly Target[] {
  const verdaccio = best(cells, 'Verdaccio');
  if (what === '10 KiB') return onlyMeasured([targetOf('≥ 4× Verdaccio', verdaccio, 'least', 4, cells)]);
  return onlyMeasured([
    targetOf('≥ 1.5× Verdaccio', verdaccio, 'least', 1.5, cells),
    targetOf('≥ 0.4× nginx', best(cells, 'nginx'), 'least', 0.4, cells),
  ]);
}

function onlyMeasured(targets: readonly Target[]): readonly Target[] {
  return targets.filter(({ value }) => Number.isFinite(value));
}

/**
 * 200 versions cost about what one costs, apart from their bytes: in processor time, for rows are measured one after the
 * other and the rest of the machine is not the same for both.
 */
function withFlatness(rows: readonly BenchRow[]): readonly BenchRow[] {
  const costOf = (id: string) => rows.find((row) => row.id === id)?.cells[0]?.serviceCpuMs ?? Number.NaN;
  const ratio = costOf('reads.200') / costOf('reads.1');
  return rows.map((row) => {
    if (row.id !== 'reads.200') return row;
    const flat = targetOf('flat: ≤ 1.5 × the CPU-ms of 1 version', ratio, 'most', 1.5, row.cells);
    return { ...row, targets: [...row.targets, ...onlyMeasured([flat])] };
  });
}

async function publishAll(url: string, operations: readonly Operation[]): Promise<void> {
  const { failed, firstFailure } = await runLoad(url, operations, { kind: 'closed', clients: 1 });
  if (failed > 0) throw new Error(`${url}: ${failed} were not published: ${firstFailure ?? ''}`);
}

async function fillSheaf(
  server: SheafServer,
  versions: readonly number[],
): Promise<ReadonlyMap<string, string>> {
  const operations: Operation[] = [];
  const paths = new Map<string, string>();
  const base = `/v1/workflows/${server.namespace}`;
  for (const count of versions) {
    for (let i = 0; i < count; i += 1)
      operations.push(await sheafPublish(server, `read-${count}`, `1.0.${i}`, KIB));
    paths.set(metadataOf(count), `${base}/read-${count}`);
  }
  for (const [label, bytes] of DOWNLOADS) {
    operations.push(await sheafPublish(server, `download-${bytes}`, '1.0.0', bytes));
    paths.set(label, `${base}/download-${bytes}/1.0.0/download`);
  }
  await publishAll(server.url, operations);
  return paths;
}

async function fillVerdaccio(
  server: VerdaccioServer,
  versions: readonly number[],
): Promise<ReadonlyMap<string, string>> {
  const operations: Operation[] = [];
  const paths = new Map<string, string>();
  for (const count of versions) {
    for (let i = 0; i < count; i += 1)
      operations.push(npmPublish(server.token, `read-${count}`, `1.0.${i}`, KIB));
    paths.set(metadataOf(count), `/read-${count}`);
  }
  for (const [label, bytes] of DOWNLOADS) {
    operations.push(npmPublish(server.token, `download-${bytes}`, '1.0.0', bytes));
    paths.set(label, `/download-${bytes}/-/download-${bytes}-1.0.0.tgz`);
  }
  await publishAll(server.url, operations);
  return paths;
}

/** It knows one version a tag, so only one of the metadata rows is comparable; a blob is named by its digest. */
async function fillDocker(server: Server): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  for (const [label, bytes] of DOWNLOADS) {
    const name = `download-${bytes}`;
    await publishAll(server.url, [dockerPublish(name, bytes)]);
    const manifestPath = `/v2/${name}/manifests/1.0.0`;
    const response = await fetch(`${server.url}${manifestPath}`, {
      headers: { Accept: 'application/vnd.docker.distribution.manifest.v2+json' },
    });
    const { layers } = (await response.json()) as { readonly layers: readonly { readonly digest: string }[] };
    paths.set(metadataOf(1), manifestPath);
    paths.set(label, `/v2/${name}/blobs/${layers[0]?.digest ?? ''}`);
  }
  return paths;
}

function staticPath(what: string): string {
  return `/${what.replace(/[^a-z0-9]+/gi, '-')}`;
}

/** The very bytes that the registry sends, and for downloads as many. */
async function staticFile(what: string, server: Server, path: string) {
  const response = await fetch(`${server.url}${path}`, { headers: { 'Accept-Encoding': 'identity' } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    path: staticPath(what),
    bytes: what.startsWith('metadata') ? bytes : randomBytes(bytes.length),
  };
}
