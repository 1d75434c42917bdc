import { Migrator, type Kysely, type Migration } from 'kysely';
import * as registry from './0001_registry.js';
import * as trust from './0002_trust.js';
import * as witnesses from './0003_witnesses.js';
import * as revocations from './0004_revocations.js';
import * as revokedReleases from './0005_revoked_releases.js';
import * as logCopies from './0006_log_copies.js';
import * as events from './0007_events.js';
import * as identities from './0008_identities.js';
import * as trustedPublishing from './0009_trusted_publishing.js';
import * as publishing from './0010_publishing.js';
import * as search from './0011_search.js';
import * as reads from './0012_reads.js';
import * as blobSweeps from './0013_blob_sweeps.js';
import * as objectStore from './0014_object_store.js';
import * as searchArrivals from './0015_search_arrivals.js';
import * as webhookDirectors from './0016_webhook_directors.js';
import * as logQueueOrder from './0017_log_queue_order.js';
import * as usableVersions from './0018_usable_versions.js';
import * as namespacesOfAPerson from './0019_namespaces_of_a_person.js';
import * as recentDownloads from './0020_recent_downloads.js';
import { compareSchema, type SchemaState } from './schema-state.js';

export type { SchemaState } from './schema-state.js';

/** Every migration by name, in order. A static map, so that it works from sources and from a bundle alike. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001_registry': registry,
  '0002_trust': trust,
  '0003_witnesses': witnesses,
  '0004_revocations': revocations,
  '0005_revoked_releases': revokedReleases,
  '0006_log_copies': logCopies,
  '0007_events': events,
  '0008_identities': identities,
  '0009_trusted_publishing': trustedPublishing,
  '0010_publishing': publishing,
  '0011_search': search,
  '0012_reads': reads,
  '0013_blob_sweeps': blobSweeps,
  '0014_object_store': objectStore,
  '0015_search_arrivals': searchArrivals,
  '0016_webhook_directors': webhookDirectors,
  '0017_log_queue_order': logQueueOrder,
  '0018_usable_versions': usableVersions,
  '0019_namespaces_of_a_person': namespacesOfAPerson,
  '0020_recent_downloads': recentDownloads,
};

/** How the schema of a database compares with what this program knows. */
export function readSchemaState<Database>(db: Kysely<Database>): Promise<SchemaState> {
  return compareSchema(db, Object.keys(migrations));
}

/**
 * Brings a database to the newest schema and returns the names of the migrations that ran. Safe when several
 * processes start at once: they take turns. A database that a newer program has migrated is left as it is: migrations
 * only add what the release before can live with.
 *
 * @throws the error of the migration that failed; those before it stay applied
 */
export async function migrateToLatest<Database>(db: Kysely<Database>): Promise<readonly string[]> {
  const { pending, unknown } = await readSchemaState(db);
  if (pending.length === 0 && unknown.length > 0) return [];
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined)
    throw error instanceof Error ? error : new Error('a migration failed', { cause: error });
  return (results ?? []).filter((r) => r.status === 'Success').map((r) => r.migrationName);
}
