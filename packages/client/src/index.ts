export type { AuditEvent } from './audit/audit-event.js';
export type { Remedy } from './remedy.js';
export {
  openLogAudit,
  type AuditDeps,
  type AuditQuestion,
  type AuditResult,
  type AuditTarget,
  type CatchUpOptions,
  type LogAudit,
} from './audit/audit-log.js';
export { openAuditStore, type AuditStore } from './audit/audit-store.js';
export { openCache, type Cache, type ClaimOptions } from './cache.js';
export { cleanCache, type CleanCacheOptions, type CleanedCache } from './cache/clean-cache.js';
export { listCache, type CacheContents, type CachedWorkflow, type CacheItem } from './cache/contents.js';
export type { ReceiptKey } from './cache/layout.js';
export {
  checkCachedBlob,
  verifyCache,
  type CacheCheck,
  type CacheDamage,
  type VerifyCacheOptions,
} from './cache/verify-cache.js';
export type { CacheFile } from './cache/walk.js';
export {
  assertSigned,
  openSignedWorkflow,
  packSignedWorkflow,
  type SignedWorkflow,
} from './carry/signed-workflow.js';
export { verifyCarry, type VerifiedCarry, type VerifyCarryRequest } from './carry/verify-carry.js';
export {
  compareDefinitions,
  diffPermissions,
  isUnchanged,
  listBreaking,
  patchFile,
  type BarePermission,
  type ComparedPermission,
  type ComparedWorkflow,
  type EntryChange,
  type FieldChange,
  type FileChange,
  type FilePatch,
  type PatchHunk,
  type PermissionKind,
  type WorkflowChanges,
} from '@sheaf/bundle';
export { mapLimited } from './map-limited.js';
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
export type { BlobClaim } from './downloads/claim.js';
export type { KeptPart } from './downloads/partial.js';
export { failureKindOf, type FailureKind } from './failure-kind.js';
export type { FactsKey, FactStore, TrustCallOptions } from './fact-store.js';
export type { DownloadEvent, FetchEvent, OnFetchEvent } from './fetch-event.js';
export { fetchWorkflow, type FetchedWorkflow, type FetchRequest } from './fetch.js';
export {
  fetchWorkflows,
  type FetchResult,
  type FetchWorkflowsRequest,
  type FetchWorkflowsTarget,
} from './fetch-many.js';
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
export { compareLockfiles, type LockChange } from './lock/changes.js';
export { splitConflict } from './lock/conflict.js';
export { formatLockfile } from './lock/format.js';
export {
  lockProject,
  type FetchedForLock,
  type LockDeps,
  type LockedProject,
  type LockRequest,
  type RefusedName,
} from './lock/lock-project.js';
export {
  EMPTY_LOCKFILE,
  LOCKFILE_NAME,
  MAX_LOCKFILE_LENGTH,
  type LockedDependency,
  type LockedRegistry,
  type LockedWorkflow,
  type Lockfile,
} from './lock/lockfile.js';
export { mergeLockfiles } from './lock/merge.js';
export { pruneLockfile } from './lock/prune.js';
export { parseLockfile } from './lock/parse.js';
export { findLockedDefinition, proveDependencies } from './lock/prove-dependencies.js';
export { proveLockfile } from './lock/prove.js';
export {
  isRefusal,
  refreshLock,
  type RefreshedLock,
  type RefusedEntry,
  type StateChange,
  type RefreshDeps,
} from './lock/refresh.js';
export { findDifferences, type LockDifference, type WantedByName } from './lock/staleness.js';
export { missingBlobs, verifyLocked, type VerifyLockedDeps } from './lock/verify-locked.js';
export { allows, closureOf, findWanted, type Wanted } from './lock/wanted.js';
export {
  assertLogIdentity,
  checkpointOf,
  logOriginOf,
  logVerifierFor,
  PUBLIC_REALM,
  publicLogOrigin,
  registryIdOf,
  type Pin,
  type RealmSeen,
} from './pin.js';
export { ageLimitOf } from './policy/age-limit.js';
export { combinePolicies, type PolicyLayers } from './policy/combine-policies.js';
export { demandOf, trustCommand, type ReleaseFacts, type Grant } from './policy/decide.js';
export { durationText, findDurationMs, formatDurationMs } from './policy/duration.js';
export { allowJobs, disallowJobs } from './policy/edit-jobs.js';
export { allowKeys, disallow, type EditedPolicy, type RuleSubject } from './policy/edit-policy.js';
export { ensureDurableFolder, syncFolder } from './files.js';
export { takeLease, type Lease } from './lease.js';
export { findOidcProblem, type OidcProblem } from './policy/lasting-claims.js';
export {
  checkRun,
  chooseProfile,
  combineRules,
  placeText,
  type AllowedProfile,
  type RunSubject,
  type StepRules,
} from './run-policy/check-run.js';
export { openRunPolicy, type OpenRunPolicyOptions } from './run-policy/open-run-policy.js';
export { parseRunPolicy, type ReadRunPolicy } from './run-policy/parse-run-policy.js';
export {
  POLICY_PROFILES,
  type PolicyProfile,
  type RunCeilings,
  type RunLimits,
  type RunPolicy,
} from './run-policy/run-policy.js';
export type { OidcRule } from './policy/oidc-rule.js';
export type { PolicyContext, PolicyDecision } from './policy/policy-context.js';
export { parseTrustPolicy, readPolicyTable } from './policy/parse-policy.js';
export {
  findRules,
  logKeyRulesOf,
  minReleaseAgeOf,
  type MatchingRules,
  type Publisher,
} from './policy/rules.js';
export { describeIdentity, identityId, meetsOidc, type SignerIdentity } from './policy/signer-identity.js';
export type {
  AcceptedPublisher,
  PolicyLayer,
  PolicyPlace,
  PublisherQuestion,
  PublisherRule,
  RegistryRule,
  SignerFacts,
  TrustMode,
  TrustPolicy,
  LayerName,
} from './policy/trust-policy.js';
export {
  removeProjectEntry,
  setProjectEntry,
  type ProjectEntry,
  type ProjectTable,
} from './project/edit-project.js';
export { parseProject } from './project/parse-project.js';
export { PROJECT_FILE_NAME, type Project, type ProjectWorkflow } from './project/project.js';
export {
  packWorkflow,
  publishSigned,
  publishTogether,
  verifyReceipts,
  publishWorkflow,
  signPublish,
  verifyPublished,
  type PackedWorkflow,
  type PublishedWorkflow,
  type PublishRequest,
  type PublishSigning,
  type PublishTarget,
  type VerifyPublishedRequest,
  type SignedPack,
} from './publish.js';
export { findOffline, type OfflineRequest } from './offline.js';
export {
  formatReference,
  formatSelector,
  parseReference,
  type Reference,
  type Selector,
} from './reference.js';
export {
  createRegistryClient,
  type RegistryClient,
  type RegistryClientOptions,
  type RegistryProbe,
} from './registry-client.js';
export { isRegistryName } from './registry-name.js';
export type { CallOptions } from './registry/caller.js';
export type { LogOptions } from './registry/log.js';
export type { CreateNamespaceOptions } from './registry/namespaces.js';
export {
  openFetch,
  type FetchInit,
  type ProxiedFetch,
  type ProxiedFetchOptions,
} from './registry/proxied-fetch.js';
export { readProxies, type Proxies, type Proxy } from './registry/proxies.js';
export type { BlobOptions, SearchOptions, SearchQuery } from './registry/releases.js';
export type { AuditRecordMethods, AuditRecordsQuery } from './registry/audit-records.js';
export type { ChannelMethods } from './registry/channels.js';
export type {
  StateMethods,
  StateRequest,
  EnterState,
  LeaveState,
  LeaveStateOptions,
} from './registry/states.js';
export type { DeliveriesQuery, WebhookMethods } from './registry/webhooks.js';
export type { RetryNotice, RetryPolicy } from './registry/retry.js';
export { isLoopback, normalizeRegistryUrl, withoutCredentials } from './registry/url.js';
export { resolveVersion, type AgeLimit, type HeldVersion, type Resolution } from './resolve.js';
export type { PinChoice } from './pin-of-origin.js';
export { openTrustStore, type AdvanceOptions, type TrustStore, type VerifyingTrust } from './trust-store.js';
export { formatDay, formatTimeMs } from './times.js';
export { type TokenOptions, type TokenProvider, type TokenSource } from './token-provider.js';
export { unpackTo } from './unpack.js';
export { createUpstreams, qualify, type LocateOptions, type Upstream, type Upstreams } from './upstreams.js';
export { isHigherVersion } from './version-order.js';
export { isVerificationCode } from './verification-codes.js';
export type {
  Freshness,
  LogDemands,
  VerifiedReceipt,
  VerifiedWorkflow,
  VerifyReceiptInput,
  VerifyWorkflowInput,
} from './verification-types.js';
export { verifyReceipt, verifyWorkflow } from './verify.js';
export { obtainJobKey, type JobKey } from './trusted/job-key.js';
export type { FetchEntries } from './audit/entries.js';
export type { FetchKeyHistory } from './audit/signed-events.js';
export type { AuditState } from './audit/audit-state.js';
export type { TrustedMethods } from './registry/trusted.js';
export type { NewToken } from './registry/tokens.js';
export type { PublishOptions } from './registry/publish-options.js';
export type { SignedUpload } from './registry/stages.js';
export type { NamespaceAudit } from './audit/namespace-audit.js';
export type { AuditViolation, AuditViolations } from './audit/audit-violation.js';
