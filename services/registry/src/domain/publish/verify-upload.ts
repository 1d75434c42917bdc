import {
  DEFAULT_LIMITS,
  PAYLOAD_TYPE_STATEMENT,
  BundleError,
  checkBundleStatement,
  gunzipTar,
  parseEnvelope,
  parsePublishStatement,
  publicKeyFromRaw,
  readCheckedBundle,
  verifyEnvelope,
  type Bundle,
  type Envelope,
  type PublicKey,
  type PublishStatement,
} from '@sheaf/bundle';
import {
  parseNamespace,
  parseVersion,
  parseWorkflowName,
  type Namespace,
  type Version,
  type WorkflowName,
} from '@sheaf/workflow';
import type { ProblemCode } from '@sheaf/client/contract';
import type { SigningKeyRow } from '../../db/key-queries.js';
import { RegistryError, type ProblemDetailItem } from '../error.js';
import { assertThreshold, refuseUnsigned } from './signers.js';
import type { UploadBudget } from './upload-budget.js';

export interface Upload {
  readonly envelope: Buffer;
  readonly blob: Buffer;
}

/** What an upload says it is. Nothing of it is trusted before {@link verifyUpload} has returned. */
export interface Claim {
  readonly envelope: Envelope;
  readonly namespace: Namespace;
  readonly name: WorkflowName;
  readonly version: Version;
}

export interface VerifiedUpload {
  readonly statement: PublishStatement;
  readonly signers: readonly PublicKey[];
  readonly bundle: Bundle;
}

export interface VerifyContext {
  readonly origin: string;
  /** All that the log has confirmed for the namespace: which of them an envelope names is only a hint. */
  readonly keys: readonly SigningKeyRow[];
  readonly uploads: UploadBudget;
  /** Others sign later: one key is enough for now. */
  readonly isStaged?: boolean | undefined;
  /** The log holds this very envelope for this version: whose signatures they are was decided then. */
  readonly isInLog?: boolean | undefined;
}

/** Reads which workflow an envelope is for, to authorise the caller and to find the keys; verifies nothing yet. */
export function readClaim(envelopeBytes: Buffer): Claim {
  return translate(() => {
    const envelope = parseEnvelope(envelopeBytes);
    const statement = parsePublishStatement(Buffer.from(envelope.payload, 'base64'));
    return {
      envelope,
      namespace: parseNamespace(statement.namespace),
      name: parseWorkflowName(statement.name),
      version: parseVersion(statement.version),
    };
  });
}

/**
 * Verifies an upload completely: signature by an authorised key over a statement for this registry, bundle bytes
 * equal to the signed digest, canonical archive, valid definition of the same id and version.
 *
 * @throws RegistryError 403 `key.unauthorised`, `key.revoked`, `key.threshold`; 422 `signature.invalid`, `statement.mismatch`, `digest.mismatch`, `bundle.invalid`, `definition.invalid`
 */
export async function verifyUpload(
  upload: Upload,
  claim: Claim,
  context: VerifyContext,
): Promise<VerifiedUpload> {
  const { statement, signers } = translate(() => readStatement(claim.envelope, context));
  if (statement.registry !== context.origin) {
    throw new RegistryError(
      'statement.mismatch',
      `the statement is for registry ${statement.registry}, this is ${context.origin}`,
    );
  }
  if (statement.tar.sizeBytes > DEFAULT_LIMITS.tarBytes) {
    throw new RegistryError(
      'request.too_large',
      `the bundle unpacks to more than ${DEFAULT_LIMITS.tarBytes} bytes`,
    );
  }
  const bundle = await context.uploads.unpack(statement.tar.sizeBytes, () =>
    translateAsync(async () => {
      const tar = await gunzipTar(upload.blob, statement.tar.sizeBytes);
      return readCheckedBundle(tar, (digest) => {
        if (digest === statement.tar.digest) return;
        throw new RegistryError(
          'digest.mismatch',
          `the bundle is ${digest}, signed is ${statement.tar.digest}`,
        );
      });
    }),
  );
  translate(() => {
    checkBundleStatement(bundle, statement);
  });
  return { statement, signers, bundle };
}

function readStatement(envelope: Envelope, { keys, isStaged = false, isInLog = false }: VerifyContext) {
  if (!isInLog) return verifySignatures(envelope, keys, isStaged);
  return { statement: parsePublishStatement(Buffer.from(envelope.payload, 'base64')), signers: [] };
}

/** Signatures by active keys count, whatever key they name; all others count for nothing. */
function verifySignatures(envelope: Envelope, keys: readonly SigningKeyRow[], isStaged: boolean) {
  const active = keys.filter((k) => !k.is_revoked).map((k) => publicKeyFromRaw(k.public_key));
  const verified = findValid(() => verifyEnvelope(envelope, PAYLOAD_TYPE_STATEMENT, active, 1));
  if (!verified) refuseUnsigned(keys, new Set(envelope.signatures.flatMap(({ keyid }) => keyid ?? [])));
  const { payload, signers } = verified;
  if (!isStaged) assertThreshold(keys, signers.length);
  return { statement: parsePublishStatement(payload), signers };
}

function findValid<T>(verify: () => T): T | undefined {
  try {
    return verify();
  } catch (error) {
    if (error instanceof BundleError && error.code === 'signature.invalid') return undefined;
    throw error;
  }
}

/** The API's code for each error of the bundle library; whole areas map alike. */
function problemCodeOf(error: BundleError): ProblemCode {
  if (error.code === 'definition.invalid') return 'definition.invalid';
  if (error.code === 'statement.mismatch' || error.code === 'definition.mismatch')
    return 'statement.mismatch';
  const area = error.code.split('.', 1)[0];
  if (area === 'signature') return 'signature.invalid';
  if (area === 'envelope' || area === 'statement' || area === 'base64' || area === 'json')
    return 'envelope.invalid';
  return 'bundle.invalid';
}

function toRegistryError(error: unknown): unknown {
  if (!isCoded(error)) return error;
  if (error.name === 'WorkflowError')
    return new RegistryError('envelope.invalid', error.message, { cause: error });
  if (!(error instanceof BundleError)) return error;
  const errors: ProblemDetailItem[] =
    error.diagnostics.length > 0
      ? error.diagnostics.slice(0, 200).map((d) => ({
          ...(d.pointer !== undefined && { pointer: d.pointer }),
          code: d.code,
          detail: d.message,
          hint: d.hint,
          file: d.file,
          line: d.line,
          column: d.column,
        }))
      : [{ code: error.code, detail: error.message, ...(error.hint !== undefined && { hint: error.hint }) }];
  return new RegistryError(problemCodeOf(error), error.message, { errors, cause: error });
}

function isCoded(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function translate<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw toRegistryError(error);
  }
}

async function translateAsync<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toRegistryError(error);
  }
}
