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
export { MAX_BLOB_BYTES } from './limits.js';
export { assertLogIdentity, publicLogOrigin, registryIdOf, type Pin } from './pin.js';
export {
  packWorkflow,
  publishWorkflow,
  registerFirstKey,
  verifyPublished,
  type PackedWorkflow,
  type PublishedWorkflow,
  type PublishRequest,
  type VerifyPublishedRequest,
} from './publish.js';
export {
  formatReference,
  formatSelector,
  parseReference,
  type Reference,
  type Selector,
} from './reference.js';
export {
  createRegistryClient,
  type BlobOptions,
  type RegistryClient,
  type RegistryClientOptions,
  type SearchQuery,
} from './registry-client.js';
export type { CallOptions } from './registry/caller.js';
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
