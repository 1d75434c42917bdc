import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { VersionFacts } from '../../domain/publish/facts.js';

export interface LimitsTable {
  /** `ns:<id>`, `token:<id>` or `user:<id>`. */
  subject: string;
  bytes: number | null;
  versions: number | null;
  workflows: number | null;
  requests_per_minute: number | null;
  /** Of a person. */
  namespaces: number | null;
  reason: Generated<string>;
  /** From then on the defaults hold again; null for never. */
  expires_at: Date | null;
  created_at: ColumnType<Date, never, never>;
}

export interface QuotaUsageTable {
  subject: string;
  bytes: number;
  versions: number;
  workflows: number;
}

export interface StagesTable {
  id: string;
  realm: string;
  is_forced: boolean;
  created_by: number | null;
  created_at: ColumnType<Date, never, never>;
  expires_at: Date;
}

export interface StagedVersionsTable {
  stage_id: string;
  ordinal: number;
  namespace_id: number;
  name: string;
  version: string;
  tar_sha256: Buffer;
  tar_size: number;
  blob_size: number;
  envelope: Buffer;
  summary: JSONColumnType<VersionFacts>;
}
