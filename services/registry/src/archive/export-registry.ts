import { encodeEntryBundle, parseLeaf, type Leaf } from '@sheaf/bundle';
import { sql, type Transaction } from 'kysely';
import { rowsOf } from '../check/cursor.js';
import type { Db } from '../db/connection.js';
import type { Database } from '../db/schema.js';
import { readSnapshot } from '../db/snapshot.js';
import { blobKey, type ObjectStore } from '../objects/port.js';
import { createTreeBuilder } from '../replay/tree-builder.js';
import { ArchiveError } from './archive-error.js';
import type { ArchiveWriter } from './archive-files.js';
import {
  BUNDLE_WIDTH,
  encodeJson,
  MANIFEST,
  names,
  type ExportManifest,
  type RealmManifest,
} from './format.js';

type Trx = Transaction<Database>;

export interface ExportDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly now: () => number;
}

export interface ExportOptions {
  /** Only the releases of these; the logs that they are in are whole. All public ones when absent. */
  readonly namespaces?: readonly string[];
  readonly signal: AbortSignal;
}

export interface ExportResult {
  readonly realms: readonly RealmManifest[];
  readonly releases: number;
}

/**
 * Writes all that a mirror needs, of one moment: whole logs with their tiles and checkpoints, the signed events of keys,
 * and of each release its envelope and its bundle. One bundle is held at a time. The service goes on meanwhile.
 *
 * @throws ArchiveError `export.unknown_namespace`, `export.incomplete`
 */
export function exportRegistry(
  deps: ExportDeps,
  writer: ArchiveWriter,
  options: ExportOptions,
): Promise<ExportResult> {
  return readSnapshot(deps.db, async (trx) => {
    const manifest = await manifestOf(trx, options.namespaces, Math.floor(deps.now() / 1000));
    await writer.add(MANIFEST, encodeJson(manifest));
    const { objects } = deps;
    const { signal } = options;
    let releases = 0;
    for (const realm of manifest.realms)
      releases += await exportRealm({ trx, objects, writer, manifest, realm, signal });
    return { realms: manifest.realms, releases };
  });
}

async function manifestOf(
  trx: Trx,
  wanted: readonly string[] | undefined,
  exportedAt: number,
): Promise<ExportManifest> {
  const namespaces = wanted === undefined ? null : [...new Set(wanted)].sort();
  const realms = new Set<string>(['public']);
  if (namespaces !== null) {
    const { rows } = await sql<{ name: string; realm: string }>`
      select name, realm from namespaces where name = any(${namespaces}::text[]) and log_index is not null`.execute(
      trx,
    );
    const missing = namespaces.find((name) => !rows.some((row) => row.name === name));
    if (missing !== undefined)
      throw new ArchiveError(
        'export.unknown_namespace',
        `there is no namespace ${missing}`,
        'check the name',
      );
    for (const { realm } of rows) realms.add(realm);
  }
  const { rows } = await sql<RealmManifest & { origin: string }>`
    select s.realm, s.verifier_key as "verifierKey", r.origin, coalesce((
        select max(k.size) from log_checkpoints k left join log_copies c on c.realm = k.realm
        where k.realm = s.realm and k.size <= coalesce(c.size, 0)
          and (k.open_until is null or k.open_until <= clock_timestamp())), 0) as size
    from registry r cross join log_state s
    where s.realm = any(${[...realms]}::text[])
    order by s.realm <> 'public', s.realm`.execute(trx);
  const origin = rows[0]?.origin ?? '';
  // What is not known to be copied is shown to nobody, and what may still be cosigned is not final: neither is exported.
  return {
    schema: 'sheaf.export/1',
    origin,
    exportedAt,
    namespaces,
    realms: rows.map(({ realm, verifierKey, size }) => ({ realm, verifierKey, size })),
  };
}

interface RealmExport {
  readonly trx: Trx;
  readonly objects: ObjectStore;
  readonly writer: ArchiveWriter;
  readonly manifest: ExportManifest;
  readonly realm: RealmManifest;
  readonly signal: AbortSignal;
}

/** In this order: for each entry bundle its leaves, its notes, the tiles that it fills and what its leaves name; then the end. */
async function exportRealm(context: RealmExport): Promise<number> {
  const { trx, writer, realm, signal } = context;
  const tree = createTreeBuilder();
  let releases = 0;
  let leaves: Buffer[] = [];
  const flush = async () => {
    signal.throwIfAborted();
    const start = tree.size;
    const index = start / BUNDLE_WIDTH;
    await writer.add(names.entries(realm.realm, index, leaves.length), encodeEntryBundle(leaves));
    await writer.add(
      names.notes(realm.realm, index),
      encodeJson(await notesBetween(context, start, start + leaves.length)),
    );
    for (const tile of tree.append(leaves))
      if (tile.width === BUNDLE_WIDTH) await writer.add(names.tile(realm.realm, tile), tile.hashes);
    for (const [i, bytes] of leaves.entries())
      releases += await exportNamed(context, start + i, parseLeaf(bytes));
    leaves = [];
  };
  for await (const { leaf } of rowsOf<{ leaf: Buffer }>(
    trx,
    sql`select leaf from log_leaves where realm = ${realm.realm} and index < ${realm.size} order by index`,
  )) {
    leaves.push(leaf);
    if (leaves.length === BUNDLE_WIDTH) await flush();
  }
  if (leaves.length > 0) await flush();
  if (tree.size !== realm.size)
    throw incomplete(`the log of ${realm.realm} has ${tree.size} of its ${realm.size} leaves`);
  for (const tile of tree.partialTiles()) await writer.add(names.tile(realm.realm, tile), tile.hashes);
  const [note] = await notesAt(context, realm.size);
  if (note === undefined)
    throw incomplete(`the log of ${realm.realm} has no checkpoint of ${realm.size} leaves`);
  await writer.add(names.checkpoint(realm.realm), Buffer.from(note));
  const { rows } = await sql<{ witness: string; time: number; line: string }>`
    select witness, time, line from log_cosignatures
    where realm = ${realm.realm} and size = ${realm.size} order by witness`.execute(trx);
  await writer.add(names.cosignatures(realm.realm), encodeJson(rows));
  return releases;
}

/** What a leaf names: the signed event of a key, or the envelope and the bundle of a release. Answers how many releases. */
async function exportNamed(
  { trx, objects, writer, manifest, realm }: RealmExport,
  index: number,
  leaf: Leaf,
): Promise<number> {
  const isWanted = manifest.namespaces === null || manifest.namespaces.includes(leaf.ns);
  if (!isWanted) return 0;
  if (leaf.type === 'key.add' || leaf.type === 'key.revoke' || leaf.type === 'ns.policy') {
    const { rows } = await sql<{ event: Buffer }>`
      select event from keys k join namespaces n on n.id = k.namespace_id where n.name = ${leaf.ns} and k.log_index = ${index}
      union all select r.event from key_revocations r join keys k on k.id = r.key_id join namespaces n on n.id = k.namespace_id
        where n.name = ${leaf.ns} and r.log_index = ${index}
      union all select p.event from namespace_policies p join namespaces n on n.id = p.namespace_id
        where n.name = ${leaf.ns} and p.log_index = ${index}`.execute(trx);
    await writer.add(
      names.event(realm.realm, index),
      rows[0]?.event ?? missing(`the event of leaf ${index}`),
    );
  }
  if (leaf.type !== 'publish') return 0;
  const { rows } = await sql<{ envelope: Buffer }>`
    select v.envelope from namespaces n join workflows w on w.namespace_id = n.id join versions v on v.workflow_id = w.id
    where n.name = ${leaf.ns} and w.name = ${leaf.name} and v.version = ${leaf.version}`.execute(trx);
  await writer.add(
    names.envelope(realm.realm, index),
    rows[0]?.envelope ?? missing(`the version of leaf ${index}`),
  );
  const blob = await objects.get(blobKey(`sha256:${leaf.tar.sha256}`));
  await writer.add(
    names.blob(leaf.tar.sha256),
    blob ?? missing(`the blob of ${leaf.ns}/${leaf.name}@${leaf.version}`),
  );
  return 1;
}

/** Notes of the checkpoints whose last leaf is from `start` to before `end`. */
async function notesBetween(
  { trx, realm }: RealmExport,
  start: number,
  end: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ note: string }>`
    select note from log_checkpoints where realm = ${realm.realm} and size > ${start} and size <= ${end} order by size`.execute(
    trx,
  );
  return rows.map(({ note }) => note);
}

async function notesAt(context: RealmExport, size: number): Promise<readonly string[]> {
  const { rows } = await sql<{ note: string }>`
    select note from log_checkpoints where realm = ${context.realm.realm} and size = ${size}`.execute(
    context.trx,
  );
  return rows.map(({ note }) => note);
}

function missing(what: string): never {
  throw incomplete(`${what} is missing`);
}

function incomplete(problem: string): ArchiveError {
  return new ArchiveError(
    'export.incomplete',
    problem,
    'run sheaf-registry check, and put back what it finds missing',
  );
}
