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

export const RoleSchema = Type.Union([
  Type.Literal('reader'),
  Type.Literal('publisher'),
  Type.Literal('maintainer'),
  Type.Literal('owner'),
]);
/** What a member may do in a namespace; each role may what those before it may. */
export type Role = Static<typeof RoleSchema>;

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

export const MemberSchema = Type.Object({ user: userName, role: RoleSchema });
export type Member = Static<typeof MemberSchema>;

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
export type Invitation = Static<typeof InvitationSchema>;

export const MemberListSchema = Type.Object({
  members: Type.Array(MemberSchema),
  /** Those that nobody has answered yet; only for owners. */
  invitations: Type.Optional(Type.Array(InvitationSchema)),
});
export type MemberList = Static<typeof MemberListSchema>;

export const InvitationListSchema = Type.Object({ invitations: Type.Array(InvitationSchema) });
export type InvitationList = Static<typeof InvitationListSchema>;

export const SetMemberSchema = Type.Object({ role: RoleSchema }, closed);

export const InviteSchema = Type.Object(
  {
    user: userName,
    role: RoleSchema,
    /** 14 unless given. */
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 90 })),
  },
  closed,
);
export type InviteRequest = Static<typeof InviteSchema>;

export const TransferSchema = Type.Object({ to: userName }, closed);

export const MembershipSchema = Type.Object({ name: namespace, visibility, role: RoleSchema });
/** What the caller is in a namespace. */
export type Membership = Static<typeof MembershipSchema>;

export const OwnNamespaceListSchema = Type.Object({ namespaces: Type.Array(MembershipSchema) });
export type OwnNamespaceList = Static<typeof OwnNamespaceListSchema>;
