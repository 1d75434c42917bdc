import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { Role } from '@sheaf/client/contract';

type Id = GeneratedAlways<number>;
type CreatedAt = ColumnType<Date, never, never>;

/** Who a person is at an identity provider. */
export interface IdentitiesTable {
  id: Id;
  user_id: number;
  issuer: string;
  subject: string;
  created_at: CreatedAt;
}

/** A sign-in of a browser. */
export interface SessionsTable {
  secret_sha256: Buffer;
  /** What the audit names. */
  id: string;
  user_id: number;
  /** Whether the identity provider made the person an admin at the sign-in. */
  is_admin: boolean;
  authenticated_at: Date | null;
  created_at: CreatedAt;
  expires_at: Date;
}

export interface InvitationsTable {
  id: Id;
  namespace_id: number;
  user_id: number;
  role: Role;
  /** The one who invites gives the namespace away. */
  is_transfer: Generated<boolean>;
  invited_by: number;
  created_at: CreatedAt;
  expires_at: Date;
}

export interface OwnershipTransfersTable {
  id: Id;
  namespace_id: number;
  from_user: number;
  to_user: number;
  /** Of the invitation that was accepted; it is gone. */
  invitation_id: number;
  created_at: CreatedAt;
  log_index: number | null;
}
