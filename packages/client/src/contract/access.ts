import { Type, type Static } from '@sinclair/typebox';

/** Sign-in, members and invitations. */

const closed = { additionalProperties: false } as const;
const time = Type.String({
  description: 'RFC 3339, UTC',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$',
});
const namespace = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$' });
const userName = Type.String({ minLength: 1, maxLength: 64 });
const visibility = Type.Union([Type.Literal('public'), Type.Literal('private')]);

/** The JSON Schema of {@link Role}. */
export const RoleSchema = Type.Union([
  Type.Literal('reader'),
  Type.Literal('publisher'),
  Type.Literal('maintainer'),
  Type.Literal('owner'),
]);
/** What a member may do in a namespace; each role may what those before it may. */
export type Role = Static<typeof RoleSchema>;

/** The JSON Schema of {@link SignIn}. */
export const SignInSchema = Type.Object({
  /** OpenID Connect issuer. */
  issuer: Type.String(),
  /** Of the public client that command lines sign in as. */
  clientId: Type.String(),
  scopes: Type.Array(Type.String()),
  /** Resource indicator to ask a token for (RFC 8707). */
  resource: Type.Optional(Type.String()),
});
/** How to sign in to a registry, as its well-known document tells. */
export type SignIn = Static<typeof SignInSchema>;

/** The JSON Schema of {@link Member}. */
export const MemberSchema = Type.Object({ user: userName, role: RoleSchema });
/** A user with a role in a namespace. */
export type Member = Static<typeof MemberSchema>;

/** The JSON Schema of {@link Invitation}. */
export const InvitationSchema = Type.Object({
  id: Type.Integer(),
  namespace,
  user: userName,
  role: RoleSchema,
  /** The namespace changes its owner when this is accepted. */
  transfer: Type.Optional(Type.Literal(true)),
  invitedBy: userName,
  createdAt: time,
  expiresAt: time,
});
/** An offer to join a namespace, open until it is answered or taken back. */
export type Invitation = Static<typeof InvitationSchema>;

/** The JSON Schema of {@link MemberList}. */
export const MemberListSchema = Type.Object({
  members: Type.Array(MemberSchema),
  /** Those that nobody has answered yet; only for owners. */
  invitations: Type.Optional(Type.Array(InvitationSchema)),
});
/** Members and open invitations of a namespace. */
export type MemberList = Static<typeof MemberListSchema>;

/** The JSON Schema of {@link InvitationList}. */
export const InvitationListSchema = Type.Object({ invitations: Type.Array(InvitationSchema) });
/** The open invitations of a user. */
export type InvitationList = Static<typeof InvitationListSchema>;

/** The JSON Schema of a set member. */
export const SetMemberSchema = Type.Object({ role: RoleSchema }, closed);

/** The JSON Schema of {@link InviteRequest}. */
export const InviteSchema = Type.Object(
  {
    user: userName,
    role: RoleSchema,
    /** 14 unless given. */
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 90 })),
  },
  closed,
);
/** Whom to invite, in which role. */
export type InviteRequest = Static<typeof InviteSchema>;

/** The JSON Schema of a transfer. */
export const TransferSchema = Type.Object({ to: userName }, closed);

/** The JSON Schema of {@link Membership}. */
export const MembershipSchema = Type.Object({ name: namespace, visibility, role: RoleSchema });
/** What the caller is in a namespace. */
export type Membership = Static<typeof MembershipSchema>;

/** The JSON Schema of {@link OwnNamespaceList}. */
export const OwnNamespaceListSchema = Type.Object({ namespaces: Type.Array(MembershipSchema) });
/** The namespaces in which the caller has a role. */
export type OwnNamespaceList = Static<typeof OwnNamespaceListSchema>;
