import type { ClientErrorCode } from './errors.js';

/** Every code with which a step of `verifyWorkflow` can fail. */
const VERIFICATION_CODES: readonly ClientErrorCode[] = [
  // log
  'log.signature',
  'log.key_unknown',
  'log.key_invalid',
  'log.key_changed',
  'log.origin',
  'log.range',
  'log.tile_invalid',
  'log.path_invalid',
  'log.fork',
  'log.rollback',
  'log.unproven',
  'note.invalid',
  'checkpoint.invalid',
  'proof.invalid',
  'proof.inclusion',
  'receipt.invalid',
  'standing.invalid',
  'carry.invalid',
  // leaf
  'leaf.invalid',
  'leaf.type_unknown',
  'leaf.mismatch',
  // signer
  'envelope.invalid',
  'envelope.payload_type',
  'envelope.digest',
  'signature.invalid',
  'signature.threshold',
  'statement.invalid',
  'statement.mismatch',
  'key.invalid',
  'key.weak',
  'key.unauthorised',
  'key.revoked',
  'json.invalid',
  'digest.invalid',
  // bytes
  'blob.size',
  'blob.digest',
  'gzip.header',
  'gzip.corrupt',
  'gzip.size',
  'tar.digest',
  'archive.too_large',
  'archive.too_many_files',
  'archive.file_too_large',
  'archive.truncated',
  'archive.header',
  'archive.type',
  'archive.padding',
  'archive.order',
  'archive.duplicate',
  'archive.trailer',
  'path.empty',
  'path.encoding',
  'path.too_long',
  'path.too_deep',
  'path.absolute',
  'path.segment',
  'path.space',
  'path.character',
  'path.not_nfc',
  'path.dash',
  'path.reserved',
  'path.short_name',
  'path.collision',
  'definition.missing',
  'definition.ambiguous',
  'definition.too_large',
  'definition.invalid',
  'definition.mismatch',
  'bundle.selection',
];

const CODES: ReadonlySet<string> = new Set(VERIFICATION_CODES);

/**
 * True for the codes of failed verification. A registry refuses a publish with some of the same codes, and packing
 * fails with others: to tell those apart, ask `isVerificationFailure` of the error.
 */
export function isVerificationCode(code: string): boolean {
  return CODES.has(code);
}
