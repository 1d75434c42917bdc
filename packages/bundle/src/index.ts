export { readBundle, readCheckedBundle, selectFiles, type Bundle } from './archive/bundle.js';
export { gunzipTar, gzipTar } from './archive/gzip.js';
export { DEFAULT_LIMITS, type ArchiveLimits } from './archive/limits.js';
export { checkPath } from './archive/path.js';
export { packTar, readTar, type ArchiveFile } from './archive/tar.js';
export { MAX_CARRY_BYTES, packCarryFile, readCarryFile, type CarryFile } from './carry/carry-file.js';
export { compareDefinitions, isUnchanged, listBreaking } from './compare/compare-definitions.js';
export { diffPermissions, type BarePermission } from './compare/compare-permissions.js';
export type {
  ComparedPermission,
  ComparedWorkflow,
  EntryChange,
  FieldChange,
  FileChange,
  PermissionKind,
  WorkflowChanges,
} from './compare/compared.js';
export { patchFile, type FilePatch, type PatchHunk } from './compare/patch.js';
export { digestOf, hexOfDigest, parseDigest, sha256Hex, type Digest } from './digest.js';
export { sha256HexOfShort } from './short-hash.js';
export { encodeBase64, findBase64 } from './encoding/base64.js';
export { canonicalJson, type CanonicalValue } from './encoding/canonical-json.js';
export { BundleError, type BundleErrorCode } from './error.js';
export { signEd25519, verifyEd25519 } from './keys/ed25519.js';
export { decodeKeyFile, encodeKeyFile, type NamedKey } from './keys/key-file.js';
export { publicKeyFromRaw, publicKeyFromSpki, spkiOf } from './keys/public-key.js';
export { generateSigningKey, signingKeyFromPem, signingKeyFromSeed } from './keys/signing-key.js';
export type { KeyId, PublicKey, SigningKey } from './keys/types.js';
export { formatAddCheckpoint, parseAddCheckpoint, type AddCheckpoint } from './log/add-checkpoint.js';
export { formatCheckpoint, openCheckpoint, parseCheckpoint, type Checkpoint } from './log/checkpoint.js';
export {
  cosignCheckpoint,
  parseWitnessVerifier,
  readCosignatures,
  witnessVerifierOf,
  type Cosignature,
  type WitnessVerifier,
} from './log/cosignature.js';
export { encodeEntryBundle, parseEntryBundle } from './log/entry-bundle.js';
export { MAX_LEAF_BYTES, MAX_LEAF_KEYS, type LeafBase } from './log/leaf/base.js';
export type { ChannelRemoveLeaf, ChannelSetLeaf } from './log/leaf/channel.js';
export { claimOf, isClaim, MAX_CLAIMS, type Claims } from './log/leaf/claims.js';
export { MAX_EPHEMERAL_SECONDS, type KeyEphemeralLeaf } from './log/leaf/ephemeral.js';
export type { KeyAddLeaf, KeyRevokeLeaf } from './log/leaf/key.js';
export type {
  NamespaceCreateLeaf,
  NamespacePolicyLeaf,
  NamespaceTransferLeaf,
} from './log/leaf/namespace.js';
export type { PublishLeaf } from './log/leaf/publish.js';
export type {
  DeprecateLeaf,
  QuarantineLeaf,
  StateLeaf,
  UndeprecateLeaf,
  UnquarantineLeaf,
  UnyankLeaf,
  YankLeaf,
} from './log/leaf/state.js';
export { encodeLeaf, parseLeaf, parseLeafBase, type Leaf } from './log/leaf.js';
export {
  consistencyProof,
  hashChildren,
  hashLeaf,
  inclusionProof,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  type NodeAddress,
  type ReadHashes,
} from './log/merkle.js';
export type { VerifierKey } from './log/vkey.js';
export { logVerifierOf, openNote, parseLogVerifier, signNote, type LogVerifier } from './log/note.js';
export {
  entryBundlePath,
  parseEntryBundlePath,
  parseTilePath,
  tilePath,
  type TileAddress,
} from './log/tile-path.js';
export { appendToTiles, tilesReader, type Tile, type TileAppend, type TileEdge } from './log/tiles.js';
export { formatTlogProof, parseTlogProof, type TlogProof } from './log/tlog-proof.js';
export {
  parseWitnessPolicy,
  type PolicyGroup,
  type PolicyWitness,
  type WitnessPolicy,
} from './log/witness-policy.js';
export { checkQuorum, type QuorumResult } from './log/witness-quorum.js';
export type { LoggedLeaf } from './receipt/logged-leaf.js';
export { encodeReceipt, parseReceipt, type Receipt } from './receipt/receipt.js';
export {
  admitEphemeralLeaf,
  admitKeyLeaf,
  checkPublishAuthority,
  createAuthority,
  isKeyLeaf,
  type Authority,
  type EphemeralStanding,
  type KeyLeaf,
  type KeyStanding,
} from './standing/authority.js';
export { checkEphemeralGrant, checkOneEphemeral, type EphemeralGrant } from './standing/ephemeral.js';
export { checkChain } from './standing/chain.js';
export { checkEventLeaf } from './statement/event-leaf.js';
export { endorsedBy, type EndorsedKey } from './standing/endorsed.js';
export { foldKeyHistory, type KeyHistory, type KeyRecord } from './standing/key-history.js';
export { orderEvents, type LogEvent, type PlacedLeaf } from './standing/log-event.js';
export {
  bearsOn,
  checkStanding,
  isStateLeaf,
  remarksAfter,
  stateAfter,
  type PlacedPublish,
  type ReleaseStanding,
  type ReleaseState,
} from './standing/release-standing.js';
export { canRevokeFurther, revocationReach, type Revocation } from './standing/revocation.js';
export { proveKeyHistory, type SignedLogEvent } from './standing/proven-keys.js';
export type { StandingEvent } from './standing/standing-event.js';
export {
  encodeStanding,
  MAX_KEY_HISTORY_BYTES,
  parseKeyHistory,
  parseStanding,
  type Standing,
} from './standing/standing.js';
export {
  encodeEnvelope,
  parseEnvelope,
  PAYLOAD_TYPE_KEY_EVENT,
  PAYLOAD_TYPE_POLICY,
  PAYLOAD_TYPE_STATEMENT,
  signEnvelope,
  verifyEnvelope,
  type Envelope,
  type EnvelopeSignature,
} from './statement/envelope.js';
export { encodeExchangeProof, type ExchangeClaim } from './statement/exchange-proof.js';
export { REGISTRY as REGISTRY_ORIGIN } from './statement/identity.js';
export {
  encodeKeyEvent,
  parseKeyEvent,
  type KeyAddEvent,
  type KeyEvent,
  type KeyRevokeEvent,
  type NamespacePolicyEvent,
  type RevocationReason,
} from './statement/key-event.js';
export {
  encodePublishStatement,
  parsePublishStatement,
  type PublishStatement,
} from './statement/publish-statement.js';
export {
  checkAuthority,
  checkBlob,
  checkBundleStatement,
  checkEnvelope,
  checkInclusion,
  checkPublishLeaf,
  checkReceiptCheckpoint,
  checkStatement,
  openVerifiedBundle,
  type ExpectedRelease,
} from './verify.js';
