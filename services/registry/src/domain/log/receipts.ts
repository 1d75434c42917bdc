import { encodeReceipt, formatTlogProof, parseEnvelope, parseLeaf, type Envelope } from '@sheaf/bundle';
import { leavesAt } from '../../db/log-queries.js';
import { RegistryError } from '../error.js';
import { findSealedNote } from './cosigned-notes.js';
import { provenLeaves, type LogDeps } from './log-reader.js';
import type { PlacedVersion } from './placed-versions.js';

/** A version that the log has confirmed. */
export interface LoggedVersion {
  readonly envelope: Buffer;
  readonly logIndex: number;
  readonly checkpointSize: number;
}

/**
 * The receipt of a version: everything that verification needs besides the blob. It is proven against the first
 * checkpoint that covered the version, once nobody can cosign it any more, so the same version always has the same
 * receipt, byte for byte.
 */
export async function renderReceipt(deps: LogDeps, version: LoggedVersion): Promise<Buffer> {
  const { logIndex, checkpointSize } = version;
  const authorities = await authoritiesOf(deps, logIndex);
  const [publish, ...authority] = await provenLeaves(deps, [logIndex, ...authorities], checkpointSize);
  if (!publish) throw new Error(`the log has no leaf ${logIndex}`);
  const checkpoint = await noteOf(deps, checkpointSize);
  return Buffer.from(
    encodeReceipt({ envelope: parseEnvelope(version.envelope), publish, authority, checkpoint }),
  );
}

/** The same receipt of a version that this process has just placed: nothing of it is read again. */
export async function renderPlacedReceipt(
  deps: LogDeps,
  envelope: Envelope,
  { batch, index, leaf }: PlacedVersion,
): Promise<Buffer> {
  const [publish, ...authority] = await Promise.all([index, ...leaf.auth].map((each) => batch.prove(each)));
  if (!publish) throw new Error(`the log has no leaf ${index}`);
  const checkpoint = batch.isSealed ? batch.note : await noteOf(deps, batch.size);
  return Buffer.from(encodeReceipt({ envelope, publish, authority, checkpoint }));
}

/** The same inclusion proof alone, as a C2SP tlog-proof. */
export async function renderProof(deps: LogDeps, version: LoggedVersion): Promise<string> {
  const [publish] = await provenLeaves(deps, [version.logIndex], version.checkpointSize);
  if (!publish) throw new Error(`the log has no leaf ${version.logIndex}`);
  return formatTlogProof({
    index: publish.index,
    hashes: publish.proof,
    checkpoint: await noteOf(deps, version.checkpointSize),
  });
}

async function authoritiesOf({ db, realm }: LogDeps, logIndex: number): Promise<readonly number[]> {
  const [row] = await leavesAt(db, realm, [logIndex]);
  const leaf = row && parseLeaf(row.leaf);
  if (leaf?.type !== 'publish') throw new Error(`leaf ${logIndex} of the log is no publish`);
  return leaf.auth;
}

async function noteOf(deps: LogDeps, size: number): Promise<string> {
  const note = await findSealedNote(deps, size);
  if (note === undefined)
    throw new RegistryError('service.log_lagging', 'the log has not confirmed the version yet');
  return note;
}
