import { findNameProblem } from '@sheaf/workflow';
import { findPublishTargets } from '../../db/publish-queries.js';
import { findPublished, isUniqueViolation } from '../../db/workflow-queries.js';
import type { ObjectStore } from '../../objects/port.js';
import type { Metrics } from '../../observability/metrics.js';
import { timedPhase } from '../../observability/timed.js';
import { authorize } from '../access/authorization.js';
import type { Caller, Principal } from '../access/principal.js';
import { setChannel } from '../channels/move.js';
import { parseChannelName } from '../channels/name.js';
import type { PublishChannel } from '../channels/publish-to.js';
import { RegistryError } from '../error.js';
import type { Failpoint } from '../failpoint.js';
import { renderPlacedReceipt, renderReceipt } from '../log/receipts.js';
import { assertLogOpen, confirmed, settleLog, type SettleDeps } from '../log/settle.js';
import { versionSortKey } from '../workflows/sort-key.js';
import { assertCompatible } from './compatible.js';
import { locateUploads, type LocateDeps, type Located } from './locate.js';
import { prepareVersion } from './prepare.js';
import { recordNaming } from './reclaim.js';
import type { Recorder } from './recorder.js';
import { storeBlob } from './store-blob.js';
import { forEachUpload, nameOf } from './together.js';
import type { UploadBudget } from './upload-budget.js';
import { createVersionRoom } from './version-room.js';
import { verifyAgain } from './verify-again.js';
import { readClaim, verifyUpload, type Claim, type Upload, type VerifiedUpload } from './verify-upload.js';

export interface PublishDeps extends SettleDeps, LocateDeps {
  readonly objects: ObjectStore;
  readonly uploads: UploadBudget;
  readonly recorder: Recorder;
  readonly origin: string;
  readonly failpoint: Failpoint;
  readonly metrics?: Pick<Metrics, 'publishPhase'>;
}

/** Several are published together or not at all. */
export interface PublishRequest {
  readonly uploads: readonly Upload[];
  /** Takes a version whose interface breaks. */
  readonly isForced: boolean;
  /** Is pointed at each version, in the same transaction. */
  readonly channel?: string | undefined;
}

export interface Published {
  readonly created: boolean;
  readonly claim: Claim;
  readonly receipt: Buffer;
}

/** A located upload that was verified. */
export type CheckedUpload = Located & { readonly upload: Upload; readonly verified: VerifiedUpload };

/**
 * Publishes versions: verify everything, put the blobs, one short transaction, let the log confirm, answer with the
 * receipts, in order. All of them become visible in one append of the log, or none. A crash at any point leaves them absent
 * or complete, and the same request again converges: the same digest gets the same receipt, another digest is refused.
 *
 * @throws RegistryError; with several uploads the reasons of all of them in `errors`
 */
export function publishVersions(
  deps: PublishDeps,
  caller: Caller,
  request: PublishRequest,
): Promise<readonly Published[]> {
  return timedPhase(deps.metrics, 'total', () => publishInOrder(deps, caller, request));
}

async function publishInOrder(
  deps: PublishDeps,
  caller: Caller,
  request: PublishRequest,
): Promise<readonly Published[]> {
  const { principal, verified, details } = await timedPhase(deps.metrics, 'verify', () =>
    checkUploads(deps, caller, request),
  );
  const channel = authorizeChannel(principal, caller, request.channel, verified);
  const open = verified.filter(({ target }) => target.existing === undefined);
  const stored = open.length === 0 ? [] : await store(deps, caller, { principal, channel }, open, details);
  await deps.failpoint('publish.after_transaction');
  const receipts = await timedPhase(deps.metrics, 'settle', () =>
    receiptsOf(deps, verified, new Map(open.map(({ claim }, i) => [claim, stored[i]]))),
  );
  // For those that were there before; the others have theirs already, and are waited for. The same request again, of an old
  // version, leaves the channel where others have led it since.
  if (channel) await setChannels(deps, caller, channel.name, verified);
  await deps.failpoint('publish.before_answer');
  return receipts;
}

/** Who may publish does not for that reason move channels. @throws RegistryError `channel.name_refused`, and what `authorize` throws */
function authorizeChannel(
  principal: Principal,
  { requestId }: Caller,
  text: string | undefined,
  verified: readonly CheckedUpload[],
): PublishChannel | undefined {
  if (text === undefined) return undefined;
  const name = parseChannelName(text);
  for (const { claim } of verified)
    authorize(principal, 'channel.move', { namespace: claim.namespace, workflow: claim.name });
  return { name, principal, requestId };
}

async function setChannels(
  deps: PublishDeps,
  caller: Caller,
  channel: string,
  verified: readonly CheckedUpload[],
): Promise<void> {
  for (const { claim } of verified)
    await setChannel(deps, caller, claim, { channel, version: claim.version, isNeverBack: true });
}

/** What may be published, by somebody who may. */
export interface CheckedUploads {
  readonly principal: Principal;
  readonly verified: readonly CheckedUpload[];
  /** What the audit records of each, beside its digest. */
  readonly details: ReadonlyMap<Claim, Readonly<Record<string, string>>>;
}

/**
 * Everything that is verified before anything is stored: who asks, the signatures, the bundles, and that each version is new,
 * or there with the same content.
 *
 * @throws RegistryError as {@link publishVersions}
 */
export async function checkUploads(
  deps: LocateDeps & Pick<PublishDeps, 'origin' | 'uploads'>,
  { principal }: Caller,
  { uploads, isForced, isStaged = false }: PublishRequest & { readonly isStaged?: boolean },
): Promise<CheckedUploads> {
  const claims = uploads.map(({ envelope }) => readClaim(envelope));
  assertDistinct(claims);
  for (const { namespace, name } of claims)
    authorize(principal, 'workflow.publish', { namespace, workflow: name });
  // One who is not signed in was refused above; without any upload there is nobody to refuse.
  if (!principal) throw new RegistryError('auth.required', 'this needs an access token');
  const located = await locateUploads(deps, principal, claims);
  const takeRoom = createVersionRoom(deps.limits.workflowVersions);
  const budget = { unpackedBytes: MAX_UNPACKED_BYTES };
  const details = new Map<Claim, Readonly<Record<string, string>>>();
  const verified = await forEachUpload(
    located.map((each, i) => ({ ...each, upload: uploads[i] })),
    async ({ upload, ...each }) => {
      if (!upload) throw new Error('an upload is missing');
      const { claim, target, keys } = each;
      if (target.existing === undefined) takeRoom(claim, target);
      const context = { origin: deps.origin, keys, uploads: deps.uploads, isStaged };
      const isThere = target.existing !== undefined && !isStaged;
      const one = await (isThere
        ? verifyAgain(deps.hotDb, upload, claim, context)
        : verifyUpload(upload, claim, context));
      assertBound(principal, one);
      budget.unpackedBytes -= one.bundle.sizeBytes;
      if (budget.unpackedBytes < 0) {
        throw new RegistryError(
          'request.too_large',
          `together the bundles unpack to more than ${MAX_UNPACKED_BYTES} bytes`,
        );
      }
      assertSame(claim, target.existing?.digest, one);
      if (target.existing === undefined) {
        if (target.workflowId === undefined) assertNameUsable(claim);
        details.set(claim, assertCompatible(claim, target.before, one.bundle.definition, isForced));
      }
      return { ...each, upload, verified: one };
    },
  );
  return { principal, verified, details };
}

/** What the bundles of one publish may unpack to, together: they are all in memory. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

/** A version that is stored: by this request, or by another one in the meantime. */
interface Stored {
  readonly id: number;
  readonly created: boolean;
  /** When the log has tried to place it. */
  readonly settled: Promise<void>;
}

/** Everything up to the transaction, and it. */
async function store(
  deps: PublishDeps,
  caller: Caller,
  { principal, channel }: { readonly principal: Principal; readonly channel: PublishChannel | undefined },
  open: readonly CheckedUpload[],
  details: CheckedUploads['details'],
): Promise<readonly Stored[]> {
  const [first] = open;
  const realm = first?.target.realm ?? '';
  const expected = deps.recorder.expect(realm);
  try {
    await assertLogOpen(deps, realm);
    const blobs = await timedPhase(deps.metrics, 'store', () =>
      Promise.all(open.map(({ verified, upload }) => storeBlob(deps.objects, verified.bundle, upload.blob))),
    );
    await deps.failpoint('publish.after_blob');
    const records = open.map(({ claim, target, keys, verified, upload }, i) =>
      prepareVersion({
        principal,
        requestId: caller.requestId,
        claim,
        verified,
        blob: blobs[i] ?? upload.blob,
        namespaceId: target.namespaceId,
        realm,
        authorities: new Map(keys.map((key) => [key.key_id, key.log_index])),
        detail: details.get(claim) ?? {},
      }),
    );
    const stored = open.map(({ verified, upload }, i) => ({
      bundle: verified.bundle,
      blob: blobs[i] ?? upload.blob,
    }));
    const { ids, settled } = await timedPhase(deps.metrics, 'record', () =>
      recordNaming(deps, stored, (reclaimed) => expected.record({ records, reclaimed, channel })),
    );
    return ids.map((id) => ({ id, created: true, settled }));
  } catch (error) {
    if (!isUniqueViolation(error, 'versions_unique')) throw error;
    return await findRaced(deps, open, error);
  } finally {
    expected.close();
  }
}

/**
 * What another request has stored in the meantime: the one that lost sees what the other one stored. All of
 * several must be there, for they are stored together.
 */
async function findRaced(
  deps: PublishDeps,
  open: readonly CheckedUpload[],
  cause: unknown,
): Promise<readonly Stored[]> {
  const targets = await findPublishTargets(deps.hotDb, {
    refs: open.map(({ claim }) => ({ ...claim, sortKey: versionSortKey(claim.version) })),
    countUpTo: 0,
  });
  return forEachUpload(
    open.map((each, i) => ({ ...each, existing: targets[i]?.existing })),
    ({ claim, verified, existing }) => {
      assertSame(claim, existing?.digest, verified);
      const { realm } = open[0]?.target ?? { realm: '' };
      if (existing !== undefined)
        return { id: existing.id, created: false, settled: deps.logs.get(realm).sequencer.settle() };
      throw new RegistryError('service.busy', 'others publish the same versions at this moment', {
        retryAfterSeconds: 1,
        cause,
      });
    },
  );
}

/** The receipts, once the log has confirmed every one of them. */
async function receiptsOf(
  deps: PublishDeps,
  verified: readonly CheckedUpload[],
  stored: ReadonlyMap<Claim, Stored | undefined>,
): Promise<readonly Published[]> {
  const [first] = verified;
  if (!first) return [];
  const { realm } = first.target;
  const [settled] = [...stored.values()].map((each) => each?.settled);
  if (settled === undefined) await settleLog(deps, realm);
  else await confirmed(settled);
  const { placed } = deps.logs.get(realm).sequencer;
  return Promise.all(
    verified.map(async ({ claim }) => {
      const own = stored.get(claim);
      const created = own?.created ?? false;
      // One that was there before may have been sent with another envelope.
      const version = own?.created === true ? placed.take(own.id) : undefined;
      const receipt =
        version === undefined
          ? await readReceipt(deps, realm, claim)
          : await renderPlacedReceipt({ db: deps.db, realm }, claim.envelope, version);
      return { created, claim, receipt };
    }),
  );
}

/** The receipt of a version that this process has not just placed. @throws RegistryError `service.log_lagging` */
async function readReceipt({ db }: PublishDeps, realm: string, claim: Claim): Promise<Buffer> {
  const version = await findPublished(db, claim);
  if (!version)
    throw new RegistryError('service.log_lagging', `the log has not confirmed ${nameOf(claim)} yet`);
  const { envelope, log_index: logIndex, checkpoint_size: checkpointSize } = version;
  return renderReceipt({ db, realm }, { envelope, logIndex, checkpointSize });
}

/** @throws RegistryError `version.exists` when it is there with other content */
function assertSame(claim: Claim, held: string | undefined, { bundle }: VerifiedUpload): void {
  if (held === undefined || held === bundle.digest) return;
  throw new RegistryError('version.exists', `${nameOf(claim)} exists as ${held}`, { digest: held });
}

/** A trusted publisher signs with the key that it was given, whoever signs beside it. What is only sent again counts no signers. */
function assertBound({ trusted }: Principal, { signers }: VerifiedUpload): void {
  if (trusted === undefined || signers.length === 0 || signers.some((key) => key.id === trusted.keyId))
    return;
  throw new RegistryError('oidc.key_missing', 'the key that the token was given for has not signed');
}

function assertDistinct(claims: readonly Claim[]): void {
  const names = claims.map(nameOf);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new RegistryError('request.invalid', `${twice} is there twice`);
}

/** Refuses a name that may not be used; asked only when it is first used, before anything is stored. */
function assertNameUsable({ name }: Claim): void {
  const problem = findNameProblem(name);
  if (!problem) return;
  const { code, message, hint } = problem;
  throw new RegistryError('workflow.name_refused', message, { errors: [{ code, detail: message, hint }] });
}
