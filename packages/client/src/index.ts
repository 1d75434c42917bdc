export { openCache, type Cache, type ReceiptKey } from './cache.js';
export type { FetchTile, SeenCheckpoint } from './consistency.js';
export {
  ClientError,
  isClientError,
  isVerificationFailure,
  type ClientErrorCode,
  type ClientErrorOptions,
  type LocalErrorCode,
  type RetryAdvice,
  type VerificationReport,
  type VerificationStep,
  type VerificationStepId,
} from './errors.js';
export { fetchWorkflow, type FetchedWorkflow, type FetchRequest } from './fetch.js';
export { createFreshness } from './freshness.js';
export {
  addSignature,
  findSigners,
  keyAddEvent,
  keyRevokeEvent,
  policyEvent,
  readKeyEvent,
  signKeyEvent,
  type KeyEventPlace,
  type Revocation,
} from './keys/events.js';
export { fetchKeyHistory, type KeyHistoryRequest, type VerifiedKeyHistory } from './keys/history.js';
export { activeKeys, countSignatures, type KeysInForce, type SignatureCount } from './keys/needs.js';
export {
  changePolicy,
  registerFirstKey,
  registerKey,
  revokeKey,
  submitKeyEvent,
  type KeyEventResult,
  type KeyEventTarget,
} from './keys/register.js';
export { rotateKey, type RotatedKey, type RotateRequest } from './keys/rotate.js';
export { MAX_BLOB_BYTES } from './limits.js';
export { assertLogIdentity, publicLogOrigin, registryIdOf, type Pin } from './pin.js';
export {
  packWorkflow,
  publishSigned,
  publishWorkflow,
  signPublish,
  verifyPublished,
  type PackedWorkflow,
  type PublishedWorkflow,
  type PublishRequest,
  type PublishSigning,
  type PublishTarget,
  type VerifyPublishedRequest,
} from './publish.js';
export {
  formatReference,
  formatSelector,
  parseReference,
  type Reference,
  type Selector,
} from './reference.js';
export { createRegistryClient, type RegistryClient, type RegistryClientOptions } from './registry-client.js';
export type { CallOptions } from './registry/caller.js';
export type { LogOptions } from './registry/log.js';
export type { CreateNamespaceOptions } from './registry/namespaces.js';
export type { BlobOptions, SearchQuery } from './registry/releases.js';
export type { StateRequest } from './registry/states.js';
export type { RetryNotice, RetryPolicy } from './registry/retry.js';
export { normalizeRegistryUrl, withoutCredentials } from './registry/url.js';
export { resolveVersion, type Resolution } from './resolve.js';
export { openTrustStore, type TrustStore } from './trust-store.js';
export { unpackTo } from './unpack.js';
export { isVerificationCode } from './verification-codes.js';
export {
  verifyReceipt,
  verifyWorkflow,
  type Freshness,
  type VerifiedReceipt,
  type VerifiedWorkflow,
  type VerifyReceiptInput,
  type VerifyWorkflowInput,
} from './verify.js';
