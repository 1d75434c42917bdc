import type { ColumnType, Generated, GeneratedAlways, JSONColumnType, RawBuilder } from 'kysely';
import type { RevocationReason, Role, VersionState, Visibility } from '@sheaf/client/contract';
import type { QueuedLeaf } from '../domain/log/leaves.js';
import type { VersionFacts } from '../domain/publish/facts.js';
import type {
  IdentitiesTable,
  InvitationsTable,
  OwnershipTransfersTable,
  SessionsTable,
} from './tables/identities.js';
import type { DownloadsTable, WorkflowDownloadsTable } from './tables/downloads.js';
import type { LimitsTable, QuotaUsageTable, StagedVersionsTable, StagesTable } from './tables/publishing.js';
import type { EventTables } from './tables/events.js';
import type { TrustedTables } from './tables/trusted.js';

/** Row types of the tables in `migrations/`. bigint columns are read as numbers: they count rows and bytes, far below 2^53. */
type Id = GeneratedAlways<number>;
type CreatedAt = ColumnType<Date, never, never>;

interface RegistryTable {
  singleton: Generated<boolean>;
  origin: string;
  created_at: CreatedAt;
  /** The id of the object store; while it is not bound, what a store without an id is given. */
  store_id: Generated<string>;
  store_bound_at: ColumnType<Date | null, undefined, Date>;
}

interface UsersTable {
  id: Id;
  name: string;
  is_admin: Generated<boolean>;
  created_at: CreatedAt;
  /** Nothing of a suspended person is let in. */
  suspended_at: ColumnType<Date | null, undefined, Date | null>;
}

interface TokensTable {
  id: string;
  user_id: number;
  name: string;
  secret_sha256: Buffer;
  scopes: string[];
  created_at: CreatedAt;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

interface NamespacesTable {
  id: Id;
  name: string;
  created_by: number;
  created_at: CreatedAt;
  log_index: number | null;
  /** The log that holds the namespace. */
  realm: Generated<string>;
  visibility: Generated<Visibility>;
}

interface MembersTable {
  namespace_id: number;
  user_id: number;
  role: Role;
}

interface KeysTable {
  id: Id;
  namespace_id: number;
  key_id: string;
  public_key: Buffer;
  event: Buffer;
  added_by: number;
  created_at: CreatedAt;
  log_index: number | null;
  is_recovery: Generated<boolean>;
}

interface KeyRevocationsTable {
  id: Id;
  key_id: number;
  reason: RevocationReason;
  from_index: number | null;
  event: Buffer;
  revoked_by: number;
  created_at: CreatedAt;
  log_index: number | null;
}

interface NamespacePoliciesTable {
  id: Id;
  namespace_id: number;
  threshold: number;
  event: Buffer;
  set_by: number;
  created_at: CreatedAt;
  log_index: number | null;
}

interface WorkflowsTable {
  id: Id;
  namespace_id: number;
  name: string;
  created_at: CreatedAt;
  latest_version_id: number | null;
  search: ColumnType<never, never, unknown>;
}

interface VersionsTable {
  id: Id;
  workflow_id: number;
  version: string;
  sort_key: string;
  is_prerelease: boolean;
  state: Generated<VersionState>;
  reason: string | null;
  replacement: string | null;
  tar_sha256: Buffer;
  tar_size: number;
  blob_sha256: Buffer;
  blob_size: number;
  envelope: Buffer;
  key_ids: string[];
  summary: JSONColumnType<VersionFacts>;
  readme: string | null;
  search: ColumnType<string, RawBuilder<string>, never>;
  /** How `search` was made: rows of an older way are made anew. */
  search_format: Generated<number>;
  /** Null for a trusted publisher, who is no person. */
  published_by: number | null;
  published_via: string;
  /** Id of the token it was charged to. */
  published_token: string | null;
  created_at: CreatedAt;
  published_at: Date | null;
  log_index: number | null;
  checkpoint_size: number | null;
  /** Where the log holds the newest change of the state. */
  state_index: number | null;
  /** Where the log holds the first revocation that refuses the version; null for one that stands. */
  revoked_index: number | null;
}

interface WorkflowTagsTable {
  workflow_id: number;
  tag: string;
}

interface LogStateTable {
  realm: string;
  origin: string;
  verifier_key: string;
  size: number;
  root: Buffer;
  last_time: number;
}

export type SubjectKind =
  'namespace' | 'key' | 'revocation' | 'policy' | 'transfer' | 'version' | 'state' | 'channel' | 'ephemeral';

interface LogQueueTable {
  id: Id;
  realm: string;
  namespace: string;
  leaf: JSONColumnType<QueuedLeaf>;
  subject_kind: SubjectKind;
  subject_id: number;
  audit_id: number;
  attempts: Generated<number>;
  /** Leaves of one publish share it and leave the queue together. */
  group_id: number | null;
}

interface LogLeavesTable {
  realm: string;
  index: number;
  leaf: Buffer;
}

interface LogTilesTable {
  realm: string;
  level: number;
  index: number;
  hashes: Buffer;
}

interface LogCheckpointsTable {
  realm: string;
  size: number;
  note: string;
  created_at: CreatedAt;
  open_until: ColumnType<Date | null, RawBuilder<Date> | null | undefined, null>;
}

interface LogCopiesTable {
  realm: string;
  /** Of the newest checkpoint that is known to be copied to the object store. */
  size: number;
}

interface LogCosignaturesTable {
  realm: string;
  /** Verifier key. */
  witness: string;
  size: number;
  /** Seconds since the epoch, by the witness's clock. */
  time: number;
  line: string;
}

interface LogHeadsTable {
  realm: string;
  namespace: string;
  seq: number;
  leaf_hash: string;
}

interface AuditTable {
  id: Id;
  at: CreatedAt;
  user_id: number | null;
  token_id: string | null;
  action: string;
  namespace: string | null;
  workflow: string | null;
  version: string | null;
  request_id: string | null;
  detail: JSONColumnType<Record<string, string>>;
  log_index: number | null;
}

interface OutboxTable {
  id: Id;
  at: CreatedAt;
  topic: string;
  body: JSONColumnType<Record<string, string | number>>;
}

export interface Database extends EventTables, TrustedTables {
  registry: RegistryTable;
  users: UsersTable;
  tokens: TokensTable;
  namespaces: NamespacesTable;
  members: MembersTable;
  keys: KeysTable;
  key_revocations: KeyRevocationsTable;
  namespace_policies: NamespacePoliciesTable;
  workflows: WorkflowsTable;
  versions: VersionsTable;
  workflow_tags: WorkflowTagsTable;
  log_state: LogStateTable;
  log_queue: LogQueueTable;
  log_leaves: LogLeavesTable;
  log_tiles: LogTilesTable;
  log_checkpoints: LogCheckpointsTable;
  log_copies: LogCopiesTable;
  log_cosignatures: LogCosignaturesTable;
  log_heads: LogHeadsTable;
  audit: AuditTable;
  outbox: OutboxTable;
  limits: LimitsTable;
  quota_usage: QuotaUsageTable;
  stages: StagesTable;
  staged_versions: StagedVersionsTable;
  identities: IdentitiesTable;
  sessions: SessionsTable;
  invitations: InvitationsTable;
  ownership_transfers: OwnershipTransfersTable;
  downloads: DownloadsTable;
  workflow_downloads: WorkflowDownloadsTable;
}
