import { Type, type Static } from '@sinclair/typebox';
import { SignInSchema } from './access.js';

/** JSON bodies of the API, once: the registry validates and documents with them, the client types its answers with them. */

const closed = { additionalProperties: false } as const;
const sha256Hex = Type.String({ pattern: '^[0-9a-f]{64}$' });
const digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' });
const time = Type.String({
  description: 'RFC 3339, UTC',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$',
});
const NAME = '[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?';
const namespace = Type.String({ pattern: `^${NAME}$` });
const workflowId = Type.String({ pattern: `^${NAME}/${NAME}$` });
const version = Type.String({
  description: 'SemVer 2 without build metadata',
  pattern: '^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?$',
  maxLength: 64,
});
const tag = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$' });
const channel = Type.String({ pattern: '^[a-z]([a-z0-9-]{0,62}[a-z0-9])?$' });
/** A word of the API's own vocabulary, such as a role or a kind of permission; older clients may not know all. */
const word = Type.String({ pattern: '^[a-z][a-z0-9._-]{0,63}$' });

/** The JSON Schema of {@link Problem}. */
export const ProblemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  instance: Type.Optional(Type.String()),
  code: Type.String(),
  requestId: Type.String(),
  remedy: Type.Optional(Type.String()),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.Optional(Type.String()),
        code: Type.String(),
        detail: Type.String(),
        hint: Type.Optional(Type.String()),
        file: Type.Optional(Type.String()),
        line: Type.Optional(Type.Integer()),
        column: Type.Optional(Type.Integer()),
      }),
    ),
  ),
  /** For `version.exists`: the digest that the registry holds. */
  digest: Type.Optional(digest),
});
/** An error answer: RFC 9457 problem details with a stable `code`. */
export type Problem = Static<typeof ProblemSchema>;

/** The JSON Schema of a limits. */
export const LimitsSchema = Type.Object({
  tarBytes: Type.Integer(),
  files: Type.Integer(),
  fileBytes: Type.Integer(),
  definitionBytes: Type.Integer(),
});

/** The JSON Schema of {@link WellKnown}. */
export const WellKnownSchema = Type.Object({
  /** Host name (and port) that statements are signed for; stays the same when the service moves. */
  origin: Type.String(),
  api: Type.Array(Type.String()),
  logs: Type.Array(
    Type.Object({
      realm: Type.String(),
      origin: Type.String(),
      key: Type.String({ description: 'C2SP verifier key' }),
    }),
  ),
  /** C2SP verifier keys of the witnesses that cosign the logs; may be empty. */
  witnesses: Type.Array(Type.String()),
  limits: LimitsSchema,
  /** How people sign in; absent where only tokens are taken. */
  signIn: Type.Optional(SignInSchema),
  /** The newest version of the command line that the operator knows of, for a notice; absent where none is given. */
  cli: Type.Optional(Type.Object({ latest: version })),
});
/** How a registry describes itself. */
export type WellKnown = Static<typeof WellKnownSchema>;

/** The JSON Schema of {@link VersionState}. */
export const VersionStateSchema = Type.Union([
  Type.Literal('active'),
  Type.Literal('deprecated'),
  Type.Literal('yanked'),
  Type.Literal('quarantined'),
]);
/** Whether a version may be used, and how gladly. */
export type VersionState = Static<typeof VersionStateSchema>;

/** The JSON Schema of {@link RevocationReason}. */
export const RevocationReasonSchema = Type.Union([Type.Literal('superseded'), Type.Literal('compromised')]);
/** Why a key was revoked. */
export type RevocationReason = Static<typeof RevocationReasonSchema>;

const permissions = Type.Object({
  network: Type.Array(Type.String()),
  exec: Type.Array(Type.String()),
  read: Type.Array(Type.String()),
  write: Type.Array(Type.String()),
  secrets: Type.Array(Type.String()),
});

/** The JSON Schema of {@link VersionSummary}. */
export const VersionSummarySchema = Type.Object({
  version,
  digest,
  sizeBytes: Type.Integer(),
  blobSizeBytes: Type.Integer(),
  state: VersionStateSchema,
  reason: Type.Optional(Type.String()),
  replacement: Type.Optional(Type.String()),
  /** The first revocation of one of its keys that refuses it: nobody who verifies takes it any more. */
  revoked: Type.Optional(
    Type.Object({ logIndex: Type.Integer(), keyid: sha256Hex, reason: RevocationReasonSchema }),
  ),
  publishedAt: time,
  /** `token`, `oidc` for a sign-in, or `oidc:` and the kind of issuer of a trusted publisher. */
  publishedVia: Type.String({ maxLength: 64, pattern: '^[a-z][a-z0-9_-]*(?::[a-z][a-z0-9_-]*)?$' }),
  logIndex: Type.Integer(),
  signers: Type.Array(sha256Hex),
  /** How often it was downloaded, in documents that are read; it lags by a minute or so. */
  downloads: Type.Optional(Type.Integer({ minimum: 0 })),
  /**
   * Of the seven days up to the last on which any version of the workflow was downloaded, by day in UTC. A day that is
   * not there has no downloads, also one after the document was made: every download makes another one.
   */
  downloadsByDay: Type.Optional(
    Type.Record(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }), Type.Integer({ minimum: 0 })),
  ),
});
/** What a workflow's document says of each version. */
export type VersionSummary = Static<typeof VersionSummarySchema>;

/** What a workflow says of itself. */
const described = {
  id: workflowId,
  title: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  tags: Type.Array(tag),
  license: Type.Optional(Type.String()),
  homepage: Type.Optional(Type.String()),
};

/** The JSON Schema of {@link WorkflowDocument}. */
export const WorkflowDocumentSchema = Type.Object({
  ...described,
  channels: Type.Record(channel, version, closed),
  permissions,
  /** Of all versions together. */
  downloads: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Newest first by SemVer precedence. */
  versions: Type.Array(VersionSummarySchema),
});
/** A workflow with its channels and versions. */
export type WorkflowDocument = Static<typeof WorkflowDocumentSchema>;

/** The JSON Schema of {@link VersionDocument}. */
export const VersionDocumentSchema = Type.Composite([
  VersionSummarySchema,
  Type.Object({
    ...described,
    permissions,
    parameters: Type.Record(Type.String(), Type.Unknown()),
    outputs: Type.Array(Type.String()),
    requirements: Type.Array(Type.String()),
    steps: Type.Array(Type.Object({ id: Type.String(), needs: Type.Array(Type.String()) })),
    files: Type.Array(
      Type.Object({ path: Type.String(), sizeBytes: Type.Integer(), executable: Type.Boolean() }),
    ),
    source: Type.Optional(Type.Object({ uri: Type.String(), commit: Type.String() })),
  }),
]);
/** All that a registry says of one version. */
export type VersionDocument = Static<typeof VersionDocumentSchema>;

const visibility = Type.Union([Type.Literal('public'), Type.Literal('private')]);
/** Who may see a namespace. */
export type Visibility = Static<typeof visibility>;

/** The JSON Schema of {@link CreateNamespaceRequest}. */
export const CreateNamespaceSchema = Type.Object(
  {
    name: Type.String({ maxLength: 64 }),
    /** `public` when it is left out. A private one is hidden from strangers and has a log of its own. */
    visibility: Type.Optional(visibility),
  },
  closed,
);
/** The namespace to claim. */
export type CreateNamespaceRequest = Static<typeof CreateNamespaceSchema>;

/** The JSON Schema of {@link NamespaceDocument}. */
export const NamespaceSchema = Type.Object({
  name: namespace,
  /** The caller's role there, when signed in. */
  role: Type.Optional(word),
  visibility,
  /** The log that holds the namespace. */
  realm: namespace,
  /** How many keys must sign a publish or a key event. */
  threshold: Type.Integer({ minimum: 1, maximum: 15 }),
  /** In the order of the log; revoked keys stay listed. */
  keys: Type.Array(
    Type.Object({
      id: sha256Hex,
      /** SubjectPublicKeyInfo, DER, base64. */
      publicKey: Type.String(),
      addedAt: time,
      logIndex: Type.Integer(),
      /** Added by fresh authentication instead of the keys before it. */
      recovery: Type.Optional(Type.Literal(true)),
      /** Of several revocations the newest, which refuses the most. */
      revoked: Type.Optional(
        Type.Object({
          reason: RevocationReasonSchema,
          /** With `compromised`: publishes by the key from this index of the log on are refused. */
          fromIndex: Type.Optional(Type.Integer({ minimum: 0 })),
          logIndex: Type.Integer(),
          at: time,
        }),
      ),
    }),
  ),
  /**
   * In the answer to a revocation as compromised: the active keys that the key vouched for from that index on, itself or
   * through others. Whoever revoked it must check that they are theirs.
   */
  endorsed: Type.Optional(Type.Array(sha256Hex)),
});
/** A namespace, its keys and how many of them must sign. */
export type NamespaceDocument = Static<typeof NamespaceSchema>;

/** What a revocation would refuse: by the order of the log, the first 1,000 of `total`. */
export const SignedReleasesSchema = Type.Object({
  total: Type.Integer({ minimum: 0 }),
  releases: Type.Array(
    Type.Object({ id: workflowId, version, logIndex: Type.Integer(), state: VersionStateSchema }),
    { maxItems: 1000 },
  ),
});
/** Versions that a key has signed. */
export type SignedReleases = Static<typeof SignedReleasesSchema>;

/** Body of a deprecation, a yank and a quarantine. */
export const ReleaseStateRequestSchema = Type.Object(
  {
    reason: Type.String({ minLength: 1, maxLength: 500 }),
    replacement: Type.Optional(Type.String({ maxLength: 256 })),
  },
  closed,
);
/** Why a version gets another state. */
export type ReleaseStateRequest = Static<typeof ReleaseStateRequestSchema>;

/** Query of the end of a deprecation, a yank and a quarantine. */
export const ReleaseStateEndQuerySchema = Type.Object(
  {
    reason: Type.Optional(
      Type.String({ minLength: 1, maxLength: 500, description: 'Why; it is logged for good' }),
    ),
  },
  closed,
);

/** The JSON Schema of {@link Whoami}. */
export const WhoamiSchema = Type.Object({
  user: Type.String(),
  admin: Type.Boolean(),
  /** How the caller was recognised: a personal access token, a sign-in at the identity provider, trusted publishing. */
  via: Type.Optional(word),
  /** When the caller last signed in at the identity provider, where that is known. */
  authenticatedAt: Type.Optional(time),
  token: Type.Object({
    id: Type.String(),
    name: Type.String(),
    scopes: Type.Array(Type.String()),
    expiresAt: Type.Optional(time),
  }),
  namespaces: Type.Array(Type.Object({ name: namespace, role: word })),
});
/** Whom a registry takes a token for. */
export type Whoami = Static<typeof WhoamiSchema>;

/** The JSON Schema of a create token. */
export const CreateTokenSchema = Type.Object(
  {
    name: Type.String({
      description: 'letters, digits, punctuation and spaces',
      minLength: 1,
      maxLength: 100,
      pattern: '^[\\p{L}\\p{N}\\p{P}\\p{S} ]+$',
    }),
    /** Those of the token that asks, when they are left out. */
    scopes: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: 50 })),
    /** 90 unless given, and never more than the registry allows. */
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
    /** Instead of `expiresInDays`, for whom the registry allows it. */
    neverExpires: Type.Optional(Type.Literal(true)),
  },
  closed,
);
/** The JSON Schema of {@link CreatedToken}. */
export const CreatedTokenSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  expiresAt: Type.Optional(time),
  /** Shown once. */
  token: Type.String(),
});
/** A new token with its secret, which is shown once. */
export type CreatedToken = Static<typeof CreatedTokenSchema>;
/** The JSON Schema of {@link TokenList}. */
export const TokenListSchema = Type.Object({
  tokens: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      scopes: Type.Array(Type.String()),
      createdAt: time,
      expiresAt: Type.Optional(time),
      lastUsedAt: Type.Optional(time),
    }),
  ),
});
/** The tokens of the caller, without their secrets. */
export type TokenList = Static<typeof TokenListSchema>;
