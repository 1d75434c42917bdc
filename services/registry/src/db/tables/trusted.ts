import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { TrustedKind } from '../../domain/trusted/kinds.js';

type Texts = Readonly<Record<string, string>>;

/** Whose identity tokens are taken for what; of a namespace that may not be there yet. */
interface TrustedPublishersTable {
  /** 16 hexadecimal digits. */
  id: string;
  namespace: string;
  /** Null for every workflow of the namespace. */
  workflow: string | null;
  issuer: string;
  kind: TrustedKind;
  /** What claims must be: exactly, or by a pattern with `*`. */
  claims: JSONColumnType<Texts>;
  /** Made when there was no such namespace: it counts for one that its maker owns, and then is pending no more. */
  is_pending: boolean;
  created_by: number;
  created_at: ColumnType<Date, never, never>;
  last_used_at: Date | null;
}

/** A key that a trusted publisher signs with, and the token that goes with it. Removed some time after both have expired. */
interface EphemeralKeysTable {
  id: GeneratedAlways<number>;
  namespace_id: number;
  publisher_id: string;
  key_id: string;
  public_key: Buffer;
  workflow: string | null;
  issuer: string;
  kind: TrustedKind;
  identity: JSONColumnType<Texts>;
  token_id: string;
  token_sha256: Buffer;
  token_expires_at: Date;
  /** When the key signs nothing any more: later than its token, so that a staged version can be approved. */
  expires_at: Date;
  created_at: Generated<Date>;
  log_index: number | null;
}

/** Identity tokens that were exchanged, by their `jti` or as a whole, until they have expired. */
interface UsedIdentityTokensTable {
  token_sha256: Buffer;
  expires_at: Date;
}

export interface TrustedTables {
  trusted_publishers: TrustedPublishersTable;
  ephemeral_keys: EphemeralKeysTable;
  used_identity_tokens: UsedIdentityTokensTable;
}
