import { randomBytes } from 'node:crypto';
import { encodeEnvelope, parseEnvelope } from '@sheaf/bundle';
import type { Transaction } from 'kysely';
import { allowReclaimed } from '../../db/blob-sweep-queries.js';
import { insertAudit } from '../../db/audit-queries.js';
import type { Database } from '../../db/schema.js';
import {
  findSameStages,
  findStage,
  insertStage,
  lockStaging,
  stagedSize,
  type StageRow,
} from '../../db/stage-queries.js';
import type { Stage } from '@sheaf/client/contract';
import type { Caller } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { deriveFacts } from '../publish/facts.js';
import {
  checkUploads,
  type CheckedUpload,
  type PublishDeps,
  type PublishRequest,
} from '../publish/publish.js';
import { recordNaming } from '../publish/reclaim.js';
import { storeBlob } from '../publish/store-blob.js';
import { nameOf } from '../publish/together.js';
import { stageDocuments } from './stage-document.js';

export type StageDeps = PublishDeps & { readonly now: () => number };

const LIFE_MS = 30 * 24 * 3_600_000;
/** Most versions of one namespace that wait at the same time, and what their bundles may take together. */
const MAX_STAGED_VERSIONS = 100;
const MAX_STAGED_BYTES = 1024 * 1024 * 1024;

/**
 * Keeps versions that are signed by one key at least until somebody with another key approves them; nobody but the
 * publishers of the namespace sees them. Everything is verified as for a publish. The same again answers the stage that
 * waits.
 *
 * @throws RegistryError as `publishVersions`; `version.exists` also for what is published with the same content
 */
export async function stageVersions(
  deps: StageDeps,
  caller: Caller,
  request: PublishRequest,
): Promise<Stage> {
  const { principal, verified } = await checkUploads(deps, caller, { ...request, isStaged: true });
  const there = verified.find(({ target }) => target.existing !== undefined);
  if (there)
    throw new RegistryError('version.exists', `${nameOf(there.claim)} is published already`, {
      ...(there.target.existing && { digest: there.target.existing.digest }),
    });
  const stored = await Promise.all(
    verified.map(async ({ verified: { bundle }, upload }) => ({
      bundle,
      blob: await storeBlob(deps.objects, bundle, upload.blob),
    })),
  );
  const id = await recordNaming(deps, stored, (reclaimed) =>
    deps.db.transaction().execute(async (trx) => {
      const namespaces = [...new Set(verified.map(({ target }) => target.namespaceId))];
      for (const namespaceId of namespaces.sort((a, b) => a - b)) await lockStaging(trx, namespaceId);
      const same = await findSame(trx, principal.userId, { verified, isForced: request.isForced });
      if (same !== undefined) return same.id;
      const id = randomBytes(16).toString('hex');
      if (reclaimed.length > 0) await allowReclaimed(trx, reclaimed);
      for (const namespaceId of namespaces) assertRoom(await stagedSize(trx, namespaceId), verified.length);
      await insertStage(
        trx,
        {
          id,
          realm: verified[0]?.target.realm ?? '',
          is_forced: request.isForced,
          created_by: principal.userId,
          expires_at: new Date(deps.now() + LIFE_MS),
        },
        verified.map((each, ordinal) => rowOf(each, id, ordinal, stored[ordinal]?.blob.length ?? 0)),
      );
      for (const { claim, verified: one } of verified)
        await insertAudit(trx, {
          principal,
          requestId: caller.requestId,
          action: 'stage.create',
          namespace: claim.namespace,
          workflow: claim.name,
          version: claim.version,
          detail: { stage: id, digest: one.bundle.digest },
        });
      return id;
    }),
  );
  await deps.failpoint('stage.after_transaction');
  const [document] = await stageDocuments(deps.db, [await getStage(deps, id)]);
  if (!document) throw new Error('a stage that was just stored is gone');
  return document;
}

/** The stage that the same request has made before, whose answer was lost: it waits, and holds every signature that was sent. */
async function findSame(
  trx: Transaction<Database>,
  userId: number | null,
  { verified, isForced }: { readonly verified: readonly CheckedUpload[]; readonly isForced: boolean },
): Promise<StageRow | undefined> {
  if (userId === null) return undefined;
  const versions = verified.map(({ claim, target }) => ({
    namespace_id: target.namespaceId,
    name: claim.name,
    version: claim.version,
  }));
  const digests = verified.map(({ verified: one }) => digestBytes(one.bundle.digest));
  const stages = await findSameStages(trx, userId, versions, digests);
  return stages.find(
    (stage) =>
      stage.is_forced === isForced &&
      stage.versions.every((row, i) => {
        const held = new Set(parseEnvelope(row.envelope).signatures.map(({ sig }) => sig));
        return verified[i]?.claim.envelope.signatures.every(({ sig }) => held.has(sig)) === true;
      }),
  );
}

const digestBytes = (digest: string): Buffer => Buffer.from(digest.slice('sha256:'.length), 'hex');

/** @throws RegistryError `stage.not_found` */
export async function getStage({ db }: Pick<StageDeps, 'db'>, id: string) {
  const stage = /^[0-9a-f]{32}$/.test(id) ? await findStage(db, id) : undefined;
  if (!stage) throw new RegistryError('stage.not_found', 'there is no such staged version');
  return stage;
}

function rowOf(
  { claim, target, verified }: CheckedUpload,
  stageId: string,
  ordinal: number,
  blobSize: number,
) {
  const { bundle, statement } = verified;
  return {
    stage_id: stageId,
    ordinal,
    namespace_id: target.namespaceId,
    name: claim.name,
    version: claim.version,
    tar_sha256: digestBytes(bundle.digest),
    tar_size: bundle.sizeBytes,
    blob_size: blobSize,
    envelope: Buffer.from(encodeEnvelope(claim.envelope)),
    summary: JSON.stringify(deriveFacts(bundle, statement)),
  };
}

function assertRoom(staged: { readonly versions: number; readonly bytes: number }, added: number): void {
  if (staged.versions + added <= MAX_STAGED_VERSIONS && staged.bytes <= MAX_STAGED_BYTES) return;
  throw new RegistryError(
    'quota.exceeded',
    `${staged.versions} staged versions of ${staged.bytes} bytes wait already; approve or reject some first`,
  );
}
