import { sha256Hex } from '@sheaf/bundle';
import { sql, type Transaction } from 'kysely';
import { unnamedBlobs } from '../db/blob-sweep-queries.js';
import { notifyEverything } from '../db/notify-queries.js';
import type { Db } from '../db/connection.js';
import type { Database } from '../db/schema.js';
import { insertOrigin, lockSetup } from '../db/setup-queries.js';
import { insertUser } from '../db/user-queries.js';
import { refreshWorkflows } from '../db/search-refresh.js';
import { EMPTY_ROOT } from '../domain/log/realms.js';
import { blobKey, type ObjectStore } from '../objects/port.js';
import { ArchiveError } from './archive-error.js';
import type { ArchiveReader } from './archive-files.js';
import type { ExportManifest } from './format.js';
import { importEnd, importLeaf, importPart } from './import-rows.js';
import {
  readArchive,
  type ArchiveSink,
  type HeldLog,
  type VerifiedPart,
  type VerifiedRelease,
} from './read-archive.js';

type Trx = Transaction<Database>;

export interface ImportDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
}

export interface ImportOptions {
  /** C2SP verifier key of the public log. */
  readonly logKey: string;
  readonly signal: AbortSignal;
}

export interface ImportResult {
  readonly origin: string;
  /** Of those that were not here before. */
  readonly leaves: number;
  readonly releases: number;
}

/**
 * Takes in an export: reads it twice. The first time everything is verified and the bundles are put into the store, where nobody
 * sees them; the second time everything is verified again and recorded, in one transaction. The database becomes, or
 * is, a mirror of the registry that was exported. The caller keeps sweeps away.
 *
 * @throws ArchiveError
 */
export async function importRegistry(
  deps: ImportDeps,
  open: () => Promise<ArchiveReader>,
  options: ImportOptions,
): Promise<ImportResult> {
  const { db } = deps;
  const read = async (sink: ArchiveSink): Promise<ExportManifest> => {
    const reader = await open();
    try {
      return await readArchive(reader, sink, options);
    } finally {
      await reader.close();
    }
  };
  await read(storingSink(deps));
  return db.transaction().execute(async (trx) => {
    await sql`select set_config('statement_timeout', '0', true),
      set_config('idle_in_transaction_session_timeout', '0', true)`.execute(trx);
    await lockSetup(trx);
    const { sink, counts } = recordingSink(trx);
    const manifest = await read(sink);
    await sql`update mirror set imported_at = now()`.execute(trx);
    await notifyEverything(trx);
    return { origin: manifest.origin, ...counts };
  });
}

/** Puts the bundles of an archive into the store. */
function storingSink({ db, objects }: ImportDeps): ArchiveSink {
  return {
    begin: async (manifest) => {
      await assertMirror(db, manifest);
      // Nobody else puts blobs into a mirror, and no sweep runs now: what was swept once counts for nothing.
      await sql`delete from blob_sweeps`.execute(db);
    },
    held: (realm) => heldLog(db, realm),
    part: () => Promise.resolve(),
    leaf: async (leaf) => {
      if (leaf.kind === 'release') await storeBlob({ db, objects }, leaf.leaf.tar.sha256, leaf.release);
    },
    end: () => Promise.resolve(),
  };
}

/** The bytes that the log names; a blob that another import left behind may have been compressed otherwise. */
async function storeBlob(
  { db, objects }: ImportDeps,
  tarSha256: string,
  { blob }: VerifiedRelease,
): Promise<void> {
  const key = blobKey(`sha256:${tarSha256}`);
  if ((await objects.putIfAbsent(key, blob)) === 'created') return;
  const stored = await objects.get(key);
  if (stored !== undefined && sha256Hex(stored) === sha256Hex(blob)) return;
  const unnamed = await unnamedBlobs(db, [Buffer.from(tarSha256, 'hex')]);
  if (unnamed.length === 0)
    throw new ArchiveError(
      'archive.invalid',
      `the store holds another blob ${tarSha256} than the archive, and a release names it`,
      'run sheaf-registry check --deep, and import into a new database and an empty store',
    );
  await objects.delete(key);
  await objects.putIfAbsent(key, blob);
}

/** Records an archive in a transaction that is committed when all of it was right. */
function recordingSink(trx: Trx) {
  const counts = { leaves: 0, releases: 0 };
  let userId = 0;
  let touched: number[] = [];
  const refresh = async () => {
    if (touched.length > 0) await refreshWorkflows(trx, touched);
    touched = [];
  };
  const sink: ArchiveSink = {
    begin: async (manifest) => {
      userId = await becomeMirror(trx, manifest);
    },
    held: (realm) => heldLog(trx, realm),
    part: async (part: VerifiedPart) => {
      await refresh();
      await importPart(trx, part);
    },
    leaf: async (leaf) => {
      counts.leaves += 1;
      if (leaf.kind === 'release') counts.releases += 1;
      touched.push(...(await importLeaf({ trx, userId }, leaf)));
    },
    end: async (end) => {
      await refresh();
      await importEnd(trx, end);
    },
  };
  return { sink, counts };
}

/** Only an empty database, or a mirror of the same registry with the same namespaces, takes an archive in. */
async function assertMirror(db: Db | Trx, { origin, namespaces }: ExportManifest): Promise<boolean> {
  const { rows } = await sql<{ origin: string; is_mirror: boolean; namespaces: string[] | null }>`
    select r.origin, m.singleton is not null as is_mirror, m.namespaces from registry r left join mirror m on true`.execute(
    db,
  );
  const [found] = rows;
  if (found === undefined) return false;
  if (!found.is_mirror || found.origin !== origin)
    throw new ArchiveError(
      'import.not_a_mirror',
      `this database belongs to ${found.is_mirror ? 'a mirror of ' : ''}the registry ${found.origin}`,
      'import into a database and a data directory of their own',
    );
  if (JSON.stringify(found.namespaces) !== JSON.stringify(namespaces))
    throw new ArchiveError(
      'import.not_a_mirror',
      'this mirror holds other namespaces than those of the archive',
      'export with the same --namespace flags as before, or import into a new database',
    );
  return true;
}

/** Answers the user whom rows are by that a mirror cannot know. */
async function becomeMirror(trx: Trx, manifest: ExportManifest): Promise<number> {
  if (!(await assertMirror(trx, manifest))) {
    await insertOrigin(trx, manifest.origin);
    await sql`
      insert into mirror (origin, namespaces)
      values (${manifest.origin}, ${manifest.namespaces === null ? null : [...manifest.namespaces]}::text[])`.execute(
      trx,
    );
    await insertUser(trx, 'mirror', false);
  }
  for (const { realm, verifierKey } of manifest.realms)
    await sql`
      insert into log_state (realm, origin, verifier_key, size, root, last_time)
      values (${realm}, ${`${manifest.origin}/log/${realm}`}, ${verifierKey}, 0, ${EMPTY_ROOT}, 0)
      on conflict do nothing`.execute(trx);
  const { rows } = await sql<{ id: number }>`select id from users where name = 'mirror'`.execute(trx);
  return rows[0]?.id ?? 0;
}

async function heldLog(db: Db | Trx, realm: string): Promise<HeldLog> {
  const { rows } = await sql<HeldLog>`select size, root from log_state where realm = ${realm}`.execute(db);
  return rows[0] ?? { size: 0, root: EMPTY_ROOT };
}
