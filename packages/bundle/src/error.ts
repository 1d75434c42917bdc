import type { Diagnostic } from '@sheaf/workflow';

/** Every code a {@link BundleError} can carry. Codes are stable: never renamed, never reused. */
export type BundleErrorCode =
  // one path inside a bundle
  | 'path.empty'
  | 'path.encoding'
  | 'path.too_long'
  | 'path.too_deep'
  | 'path.absolute'
  | 'path.segment'
  | 'path.space'
  | 'path.character'
  | 'path.not_nfc'
  | 'path.dash'
  | 'path.reserved'
  | 'path.short_name'
  | 'path.collision'
  // the archive
  | 'archive.too_large'
  | 'archive.too_many_files'
  | 'archive.file_too_large'
  | 'archive.truncated'
  | 'archive.header'
  | 'archive.type'
  | 'archive.padding'
  | 'archive.order'
  | 'archive.duplicate'
  | 'archive.trailer'
  | 'gzip.header'
  | 'gzip.corrupt'
  | 'gzip.size'
  // what a bundle holds
  | 'definition.missing'
  | 'definition.ambiguous'
  | 'definition.too_large'
  | 'definition.invalid'
  | 'definition.mismatch'
  | 'bundle.selection'
  // encodings
  | 'digest.invalid'
  | 'json.invalid'
  // keys
  | 'key.invalid'
  | 'key.weak'
  | 'key.file_invalid'
  | 'key.passphrase_required'
  | 'key.passphrase_wrong'
  | 'key.event_invalid'
  // signatures and statements
  | 'envelope.invalid'
  | 'envelope.payload_type'
  | 'envelope.digest'
  | 'signature.invalid'
  | 'signature.threshold'
  | 'statement.invalid'
  | 'statement.mismatch'
  // the log
  | 'leaf.invalid'
  | 'leaf.type_unknown'
  | 'leaf.mismatch'
  | 'leaf.chain'
  | 'log.range'
  | 'log.tile_invalid'
  | 'log.path_invalid'
  | 'log.signature'
  | 'log.key_unknown'
  | 'log.key_invalid'
  | 'log.origin'
  | 'note.invalid'
  | 'checkpoint.invalid'
  | 'proof.invalid'
  | 'proof.inclusion'
  | 'receipt.invalid'
  | 'standing.invalid'
  | 'carry.invalid'
  // witnesses of the log
  | 'witness.key_invalid'
  | 'witness.signature'
  | 'witness.policy_invalid'
  | 'witness.request_invalid'
  // a bundle against what the log says of it
  | 'key.unauthorised'
  | 'key.revoked'
  | 'key.expired'
  | 'blob.digest'
  | 'tar.digest';

/** What {@link BundleError} is made of besides its code and message. */
export interface BundleErrorOptions {
  readonly hint?: string;
  readonly cause?: unknown;
  readonly diagnostics?: readonly Diagnostic[];
}

/** The one error of this package: branch on `code`, show `message` and `hint`. */
export class BundleError extends Error {
  readonly code: BundleErrorCode;
  /** What the reader of the message should do next. */
  readonly hint: string | undefined;
  /** The definition's problems, with `definition.invalid` only. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: BundleErrorCode, message: string, options: BundleErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BundleError';
    this.code = code;
    this.hint = options.hint;
    this.diagnostics = options.diagnostics ?? [];
  }
}
