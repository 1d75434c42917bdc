import { encodeEnvelope } from '@sheaf/bundle';
import type { Db } from '../../db/connection.js';
import { findPublished } from '../../db/workflow-queries.js';
import { RegistryError } from '../error.js';
import {
  verifyUpload,
  type Claim,
  type Upload,
  type VerifiedUpload,
  type VerifyContext,
} from './verify-upload.js';

/** What is said of signatures that would not do for a new version. */
const NOT_SIGNED: ReadonlySet<string> = new Set(['key.revoked', 'key.unauthorised', 'key.threshold']);

/**
 * As {@link verifyUpload}, for a version that is there: an envelope that the log holds for it is a publish that is sent again,
 * and is taken though its keys may sign nothing new any more. Its signatures counted when it was published, and nothing is
 * stored of it now.
 */
export async function verifyAgain(
  db: Db,
  upload: Upload,
  claim: Claim,
  context: VerifyContext,
): Promise<VerifiedUpload> {
  try {
    return await verifyUpload(upload, claim, context);
  } catch (error) {
    if (!(error instanceof RegistryError) || !NOT_SIGNED.has(error.code)) throw error;
    const held = await findPublished(db, claim);
    // What a revocation refuses is of no use to whoever sends it, so they are told.
    if (held?.revoked !== null || Buffer.compare(held.envelope, encodeEnvelope(claim.envelope)) !== 0)
      throw error;
    return verifyUpload(upload, claim, { ...context, isInLog: true });
  }
}
