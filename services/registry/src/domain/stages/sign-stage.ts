import { encodeEnvelope, parseEnvelope, type Envelope } from '@sheaf/bundle';
import type { SignStageRequest, Stage } from '@sheaf/client/contract';
import { insertAudit } from '../../db/audit-queries.js';
import { signingKeys, type SigningKeyRow } from '../../db/key-queries.js';
import {
  deleteStage,
  lockStage,
  replaceEnvelopes,
  type StagedRow,
  type StageRow,
} from '../../db/stage-queries.js';
import { blobKey } from '../../objects/port.js';
import { authorize } from '../access/authorization.js';
import type { Caller } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { publishVersions, type Published } from '../publish/publish.js';
import { refuseUnsigned } from '../publish/signers.js';
import { findJobSigner } from '../trusted/job-signer.js';
import { getStage, type StageDeps } from './create-stage.js';
import { signersOf, stageDocuments, stageThreshold } from './stage-document.js';

/** A signature was added: it still waits for more, or it is published. */
export type SignedStage =
  | { readonly kind: 'waiting'; readonly stage: Stage }
  | { readonly kind: 'published'; readonly published: readonly Published[] };

/**
 * Approves staged versions with a signature by another key for each of them, and publishes them once enough keys have signed.
 * Safe to repeat: what was signed and could not be published then is published by the same request again.
 *
 * @throws RegistryError `stage.not_found`, `stage.signed_already`, `signature.invalid`, `key.unauthorised`, `key.revoked`,
 *   and those of `publishVersions`
 */
export async function signStage(
  deps: StageDeps,
  caller: Caller,
  id: string,
  { signatures }: SignStageRequest,
): Promise<SignedStage> {
  const found = await getVisibleStage(deps, caller, id);
  for (const { namespace, name } of found.versions)
    authorize(caller.principal, 'stage.approve', { namespace, workflow: name });
  if (signatures.length !== found.versions.length)
    throw new RegistryError(
      'request.invalid',
      `it takes ${found.versions.length} signatures, one for each version`,
    );
  const signed = await addSignatures(deps, caller, id, signatures);
  if (!signed.isComplete) {
    const [stage] = await stageDocuments(deps.db, [await getStage(deps, id)]);
    if (!stage) throw new RegistryError('stage.not_found', 'there is no such staged version');
    return { kind: 'waiting', stage };
  }
  const uploads = await Promise.all(
    signed.stage.versions.map(async (version, i) => ({
      envelope: Buffer.from(encodeEnvelope(signed.envelopes[i] ?? parseEnvelope(version.envelope))),
      blob: await readBlob(deps, version),
    })),
  );
  const published = await publishVersions(deps, caller, { uploads, isForced: signed.stage.is_forced });
  await endStage(deps, caller, signed.stage, 'stage.approve');
  return { kind: 'published', published };
}

/** Throws staged versions away. @throws RegistryError `stage.not_found`, `auth.role_missing` */
export async function rejectStage(deps: StageDeps, caller: Caller, id: string): Promise<void> {
  const stage = await getVisibleStage(deps, caller, id);
  const isOwn = stage.created_by !== null && stage.created_by === caller.principal?.userId;
  if (!isOwn)
    for (const { namespace, name } of stage.versions)
      authorize(caller.principal, 'stage.approve', { namespace, workflow: name });
  await endStage(deps, caller, stage, 'stage.delete');
}

/** A stage that the caller may publish to; for everybody else there is none. @throws RegistryError `stage.not_found`, `auth.required` */
export async function getVisibleStage(
  deps: Pick<StageDeps, 'db'>,
  { principal }: Caller,
  id: string,
): Promise<StageRow> {
  // Before the look: whoever is not signed in does not learn whether there is one.
  if (!principal) throw new RegistryError('auth.required', 'this needs an access token');
  const stage = await getStage(deps, id);
  try {
    for (const { namespace, name } of stage.versions)
      authorize(principal, 'workflow.publish', { namespace, workflow: name });
  } catch (cause) {
    throw new RegistryError('stage.not_found', 'there is no such staged version', { cause });
  }
  return stage;
}

/** The compressed bundle that waits. */
async function readBlob({ objects }: Pick<StageDeps, 'objects'>, { tar_sha256 }: StagedRow): Promise<Buffer> {
  const key = blobKey(`sha256:${tar_sha256.toString('hex')}`);
  const bytes = await objects.get(key);
  if (!bytes) throw new Error(`the store has lost the staged object ${key}`);
  return Buffer.from(bytes);
}

interface Signed {
  readonly stage: StageRow;
  readonly envelopes: readonly Envelope[];
  /** Enough keys have signed each version. */
  readonly isComplete: boolean;
}

/** Adds the signatures under the lock of the stage: two who approve at the same time both count. */
function addSignatures(
  deps: StageDeps,
  { principal, requestId }: Caller,
  id: string,
  signatures: SignStageRequest['signatures'],
): Promise<Signed> {
  return deps.db.transaction().execute(async (trx) => {
    const stage = await lockStage(trx, id);
    if (!stage) throw new RegistryError('stage.not_found', 'there is no such staged version');
    const envelopes: Envelope[] = [];
    let isNew = false;
    let isComplete = true;
    for (const [i, row] of stage.versions.entries()) {
      const added = signatures[i];
      if (!added) throw new Error('a signature is missing');
      const envelope = parseEnvelope(row.envelope);
      const target = { namespaceId: row.namespace_id, workflow: row.name };
      // What a job has signed counts as long as its key does.
      const registered = await signingKeys(trx, row.namespace_id);
      const keys = [...registered, ...(await findJobSigner(trx, target, envelope, { registered }))];
      const merged = mergeSignature(envelope, added, keys);
      envelopes.push(merged.envelope);
      isNew ||= merged.isNew;
      isComplete &&= signersOf(merged.envelope, keys).length >= stageThreshold(keys);
    }
    if (!isNew && !isComplete)
      throw new RegistryError('stage.signed_already', 'these keys have signed it already');
    if (isNew) {
      await replaceEnvelopes(
        trx,
        id,
        envelopes.map((envelope) => encodeEnvelope(envelope)),
      );
      for (const { namespace, name, version } of stage.versions)
        await insertAudit(trx, {
          principal: principal ?? null,
          requestId,
          action: 'stage.sign',
          namespace,
          workflow: name,
          version,
          detail: { stage: id },
        });
    }
    return { stage, envelopes, isComplete };
  });
}

/** The envelope with one more signature, by a key of the namespace; unchanged when that key has signed before. */
function mergeSignature(
  envelope: Envelope,
  signature: SignStageRequest['signatures'][number],
  keys: readonly SigningKeyRow[],
): { readonly envelope: Envelope; readonly isNew: boolean } {
  const [signer] = signersOf({ ...envelope, signatures: [signature] }, keys);
  if (signer === undefined) refuseUnsigned(keys, new Set([signature.keyid]));
  if (signersOf(envelope, keys).includes(signer)) return { envelope, isNew: false };
  return { envelope: { ...envelope, signatures: [...envelope.signatures, signature] }, isNew: true };
}

async function endStage(
  deps: StageDeps,
  { principal, requestId }: Caller,
  stage: StageRow,
  action: 'stage.approve' | 'stage.delete',
): Promise<void> {
  await deps.db.transaction().execute(async (trx) => {
    if (!(await deleteStage(trx, stage.id))) return;
    for (const { namespace, name, version } of stage.versions)
      await insertAudit(trx, {
        principal: principal ?? null,
        requestId,
        action,
        namespace,
        workflow: name,
        version,
        detail: { stage: stage.id },
      });
  });
}
