import { Type, type Static } from '@sinclair/typebox';

const closed = { additionalProperties: false };
const place = Type.String({ minLength: 1, maxLength: 64 });
const issuer = Type.String({ minLength: 1, maxLength: 256 });
const time = Type.String({
  description: 'RFC 3339, UTC',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$',
});
const claims = Type.Record(
  Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }),
  Type.String({ minLength: 1, maxLength: 256 }),
  { maxProperties: 16 },
);

/** The preset of an issuer: which claims name somebody for good, and which a publisher must name besides. */
export const TrustedKindSchema = Type.Union([
  Type.Literal('github'),
  Type.Literal('gitlab'),
  Type.Literal('generic'),
]);
/** The CI system that an issuer belongs to. */
export type TrustedIssuerKind = Static<typeof TrustedKindSchema>;

/** The JSON Schema of {@link TrustedIssuerDocument}. */
export const TrustedIssuerSchema = Type.Object({
  issuer,
  kind: TrustedKindSchema,
  /** What `aud` of a token must be, and nothing else. */
  audience: Type.String(),
  /** Claims that a publisher names exactly, and that the log and a first use keep. */
  identity: Type.Array(Type.String()),
  /** Claims that a publisher must name besides. */
  required: Type.Array(Type.String()),
});
/** An issuer of identity tokens that a registry takes. */
export type TrustedIssuerDocument = Static<typeof TrustedIssuerSchema>;

/** The JSON Schema of {@link TrustedIssuerList}. */
export const TrustedIssuerListSchema = Type.Object({ issuers: Type.Array(TrustedIssuerSchema) });
/** Issuers of identity tokens that a registry takes. */
export type TrustedIssuerList = Static<typeof TrustedIssuerListSchema>;

/** The JSON Schema of {@link CreateTrustedPublisherRequest}. */
export const CreateTrustedPublisherSchema = Type.Object(
  {
    /** One that does not exist yet is created, for the caller, by the first publish. */
    namespace: place,
    /** The only workflow that it may publish; every one of the namespace without it. */
    workflow: Type.Optional(place),
    issuer,
    /** What claims of the token must be; outside of the identity `*` stands for any run of characters. */
    claims,
  },
  closed,
);
/** The CI job that may publish. */
export type CreateTrustedPublisherRequest = Static<typeof CreateTrustedPublisherSchema>;

/** The JSON Schema of {@link TrustedPublisher}. */
export const TrustedPublisherSchema = Type.Object({
  id: Type.String(),
  namespace: place,
  workflow: Type.Optional(place),
  issuer,
  kind: TrustedKindSchema,
  claims,
  /** The namespace is not there yet. */
  pending: Type.Optional(Type.Literal(true)),
  /** Name of who added it; when they are no owner any more, it goes as well. */
  createdBy: Type.Optional(Type.String()),
  createdAt: time,
  lastUsedAt: Type.Optional(time),
});
/** Whose identity tokens are taken for what. */
export type TrustedPublisher = Static<typeof TrustedPublisherSchema>;

/** The JSON Schema of {@link TrustedPublisherList}. */
export const TrustedPublisherListSchema = Type.Object({ publishers: Type.Array(TrustedPublisherSchema) });
/** CI jobs that may publish. */
export type TrustedPublisherList = Static<typeof TrustedPublisherListSchema>;

/** The JSON Schema of {@link OidcExchangeRequest}. */
export const OidcExchangeSchema = Type.Object(
  {
    /** The identity token. */
    token: Type.String({ minLength: 1, maxLength: 16_384 }),
    /** Base64 of the SubjectPublicKeyInfo of a fresh Ed25519 key. */
    publicKey: Type.String({ minLength: 1, maxLength: 128 }),
    /** Base64 of that key's signature over the exchange (see docs/API.md). */
    proof: Type.String({ minLength: 1, maxLength: 128 }),
    namespace: place,
    name: Type.Optional(place),
  },
  closed,
);
/** The identity token of a CI job, and the key that it will sign with. */
export type OidcExchangeRequest = Static<typeof OidcExchangeSchema>;

/** The JSON Schema of {@link ExchangedToken}. */
export const ExchangedTokenSchema = Type.Object({
  /** An access token for a quarter of an hour, which publishes only what the key has signed. */
  token: Type.String(),
  expiresAt: time,
  keyid: Type.String(),
  /** Where the log holds the `key.ephemeral` leaf. */
  logIndex: Type.Integer(),
  realm: Type.String(),
  namespace: place,
  /** The only workflow that it may publish. */
  name: Type.Optional(place),
});
/** A token of minutes for a CI job. */
export type ExchangedToken = Static<typeof ExchangedTokenSchema>;
