/**
 * Every problem that a registry may answer, by its stable code: the one table from which status, title and
 * `docs/ERRORS.md` come. Codes are never renamed and never used for something else.
 *
 * - `status`: the HTTP status of the answer.
 * - `retryable`: the same request may succeed later without a change.
 * - `remedy`: what the person who sees it does next.
 */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  readonly remedy: string;
}

const kind = (status: number, title: string, remedy: string, retryable = false): ProblemKind => ({
  status,
  title,
  retryable,
  remedy,
});

export const PROBLEMS = {
  'request.invalid': kind(400, 'The request is malformed', 'Correct the fields that `errors` lists.'),
  'request.too_large': kind(
    413,
    'The request is too large',
    'Send less; the limits stand in the well-known document.',
  ),
  'request.timeout': kind(408, 'The request took too long', 'Send it again over a better connection.', true),
  'request.unsupported_media_type': kind(
    415,
    'The media type is not supported',
    'Send the type that the API documents for this endpoint.',
  ),
  'route.not_found': kind(404, 'There is no such endpoint', 'Check the path and the API version.'),
  'route.method_not_allowed': kind(
    405,
    'The method is not allowed here',
    'Use a method that the `Allow` header lists.',
  ),
  'range.not_satisfiable': kind(
    416,
    'The range lies outside the content',
    'Ask for bytes below the size in `Content-Range`.',
  ),

  'auth.required': kind(
    401,
    'Sign in first',
    'Send an access token: `Authorization: Bearer …`, or run `sheaf login`.',
  ),
  'auth.token_invalid': kind(
    401,
    'The token is not valid',
    'It is unknown, expired or revoked: create a new one.',
  ),
  'auth.scope_missing': kind(
    403,
    'The token does not cover this',
    'Use a token whose scopes name this action.',
  ),
  'auth.role_missing': kind(
    403,
    'You have no right to do this',
    'Ask an owner of the namespace for the role.',
  ),
  'auth.not_fresh': kind(
    403,
    'This needs a sign-in of the last hour',
    'Sign in again: `sheaf login --fresh`. Where no identity provider is configured, use a token that names the scope `recovery` and is at most one hour old.',
  ),

  'auth.suspended': kind(
    403,
    'The account is suspended',
    'Ask an administrator of the registry why, and to lift it.',
  ),
  'auth.provider_down': kind(
    503,
    'The identity provider does not answer',
    'Try again after `Retry-After`; personal access tokens still work.',
    true,
  ),
  'auth.sign_in_unavailable': kind(
    404,
    'This registry has no sign-in by an identity provider',
    'Use a personal access token: `sheaf login --with-token`.',
  ),
  'auth.sign_in_failed': kind(
    400,
    'The sign-in did not complete',
    'Start again: a sign-in takes at most ten minutes, in one browser.',
  ),
  'auth.cross_site': kind(
    403,
    'The request comes from another site',
    'Send it from a page of this registry, or with an access token.',
  ),
  'token.lifetime_refused': kind(
    403,
    'The token would live too long',
    'Ask for fewer days; the detail says how many this registry allows.',
  ),
  'user.not_found': kind(404, 'There is nobody of this name', 'Check the name: `sheaf whoami` shows it.'),
  'member.not_found': kind(
    404,
    'There is no such member',
    'See the members: `sheaf namespace members list`.',
  ),
  'member.last_owner': kind(
    409,
    'A namespace cannot be without an owner',
    'Make somebody else an owner first, or transfer the namespace.',
  ),
  'member.exists': kind(409, 'They are a member already', 'Change the role of the member instead.'),
  'invitation.not_found': kind(
    404,
    'There is no such invitation',
    'It was answered, taken back, or has expired: ask for another.',
  ),

  'oidc.issuer_unknown': kind(
    401,
    'The registry takes no tokens of this issuer',
    'Ask the operator to name the issuer in `SHEAF_TRUSTED_ISSUERS`; `GET /v1/oidc/issuers` lists those that count.',
  ),
  'oidc.issuer_down': kind(
    503,
    'The keys of the issuer cannot be fetched',
    'Try again after `Retry-After`; if it stays, the issuer is down or the registry cannot reach it.',
    true,
  ),
  'oidc.token_invalid': kind(
    401,
    'The identity token is not valid',
    'Take a fresh token from the issuer, and send it as it is: it is malformed, or not signed by a key of its issuer.',
  ),
  'oidc.audience': kind(
    401,
    'The identity token is for another service',
    'Ask the issuer for a token whose only audience is the one that `GET /v1/oidc/issuers` names.',
  ),
  'oidc.expired': kind(
    401,
    'The identity token has expired',
    'Ask the issuer for a new one just before publishing; check the clock of the registry if it is new.',
  ),
  'oidc.not_yet_valid': kind(
    401,
    'The identity token is of a time to come',
    'Compare the clocks of the issuer and of the registry: they may differ by a minute.',
  ),
  'oidc.replayed': kind(
    401,
    'The identity token was used already',
    'Each token counts once: ask the issuer for another. If you did not use it, somebody else has seen it.',
  ),
  'oidc.proof_invalid': kind(
    403,
    'The key did not sign for this token',
    'Sign the exchange with the key that is sent; docs/API.md has the bytes.',
  ),
  'oidc.key_used': kind(409, 'The key was used before', 'Make a new key for each exchange.'),
  'oidc.no_publisher': kind(
    403,
    'No trusted publisher of this issuer may publish here',
    'Add one: `sheaf namespace publisher add`. The detail says who the token names.',
  ),
  'oidc.identity_mismatch': kind(
    403,
    'The token is of somebody else than the trusted publisher',
    'Compare the ids in the detail with `sheaf namespace publisher list`: they are those of the repository, which a rename does not change.',
  ),
  'oidc.claims_mismatch': kind(
    403,
    'The token is of the right repository, but not as the trusted publisher asks',
    'Publish from the workflow file, environment and branch or tag that the publisher names; the detail says what the token has.',
  ),
  'oidc.key_missing': kind(
    403,
    'The ephemeral key did not sign the statement',
    'Sign with the key that the token was given for; a token alone publishes nothing.',
  ),
  'publisher.refused': kind(
    422,
    'The trusted publisher would not be safe, or says nothing',
    'Name every claim that the detail asks for.',
  ),
  'publisher.too_many': kind(
    409,
    'There are too many trusted publishers',
    'Remove those that are not used: `sheaf namespace publisher list`.',
  ),

  'namespace.not_found': kind(
    404,
    'There is no such namespace',
    'Create it first: `POST /v1/namespaces`, or `sheaf publish` does it after asking.',
  ),
  'namespace.exists': kind(
    409,
    'The namespace is taken',
    'Choose another name, or ask its owner to add you.',
  ),
  'namespace.name_refused': kind(
    422,
    'The name cannot be used',
    'Choose a name that is neither reserved nor easily mistaken for another.',
  ),
  'workflow.not_found': kind(
    404,
    'There is no such workflow',
    'Check the name: `sheaf search` shows what is there.',
  ),
  'workflow.name_refused': kind(
    422,
    'The name cannot be used',
    'Choose a name that is neither reserved nor easily mistaken for another.',
  ),
  'version.not_found': kind(404, 'There is no such version', 'See the versions with `sheaf info`.'),
  'version.exists': kind(
    409,
    'The version exists with other content',
    'Versions never change: raise the version in the definition and publish again.',
  ),
  'interface.breaking': kind(
    409,
    'The interface breaks within a major version',
    'Raise the major version, keep what `errors` lists, or publish with `--force` if nobody can depend on it.',
  ),
  'quota.exceeded': kind(
    403,
    'The quota is spent',
    'Ask an administrator of the registry for a higher limit; the detail says how much is used and asked for.',
  ),
  'stage.not_found': kind(
    404,
    'There is no such staged version',
    'It was published, withdrawn or has expired: see what waits with `sheaf stage list`.',
  ),
  'stage.signed_already': kind(
    409,
    'The key has signed the staged version already',
    'Approve with another key than those that have signed.',
  ),
  'state.conflict': kind(
    409,
    'The change does not fit what is there already',
    'Look at the present state and ask for a change that it allows.',
  ),
  'state.quarantined': kind(
    403,
    'The version is quarantined',
    'Use another version; an administrator of the registry can lift the quarantine.',
  ),
  'blob.not_found': kind(404, 'There is no bundle with this digest', 'Check the digest.'),
  'tile.not_found': kind(404, 'The log has no such tile yet', 'Ask only for what the checkpoint covers.'),

  'key.not_found': kind(
    404,
    'The key is not registered',
    'Register it: `sheaf publish` does it after asking.',
  ),
  'key.exists': kind(409, 'The key is registered already', 'Nothing is left to do.'),
  'key.event_invalid': kind(
    422,
    'The key event is not valid',
    'Sign the event with the new key, and name this registry and namespace in it.',
  ),
  'key.endorsement_required': kind(
    403,
    'A registered key must endorse the new one',
    'Sign the event also with an active key of the namespace.',
  ),
  'key.unauthorised': kind(
    403,
    'The signing key is not registered for the namespace',
    'Register the key, or sign with one that is.',
  ),

  'key.revoked': kind(
    403,
    'The key is revoked',
    'Sign with an active key of the namespace; a revoked key is never taken back.',
  ),
  'key.threshold': kind(
    403,
    'Too few keys of the namespace have signed',
    'Sign with as many active keys as the namespace asks for: `GET /v1/namespaces/{namespace}` shows the threshold.',
  ),
  'key.recovery_refused': kind(
    403,
    'A recovery, or a revocation of what is published, needs fresh authentication',
    'As an owner of the namespace, sign in again with `sheaf login --fresh`. Where no identity provider is configured, use a token that names the scope `recovery` and is at most one hour old.',
  ),
  'policy.invalid': kind(
    422,
    'The policy cannot be put in force',
    'Name the policy in force in `replaces`, and ask for no more keys than the namespace has.',
  ),

  'envelope.invalid': kind(
    422,
    'The envelope is not valid',
    'Send a DSSE envelope with an in-toto statement.',
  ),
  'signature.invalid': kind(
    422,
    'The signature does not verify',
    'Pack and sign again; nothing may change the bytes in between.',
  ),
  'statement.mismatch': kind(
    422,
    'The signed statement speaks of something else',
    'Sign for this registry, name, version and bundle.',
  ),
  'bundle.invalid': kind(422, 'The bundle is not canonical', 'Pack it with `sheaf pack`.'),
  'digest.mismatch': kind(
    422,
    'The bundle is not the one that was signed',
    'Send the bytes that the statement names.',
  ),
  'definition.invalid': kind(
    422,
    'The definition has errors',
    'Correct each of `errors`; `sheaf validate` shows the same list.',
  ),

  'channel.not_found': kind(
    404,
    'There is no such channel',
    'See the channels of the workflow with `sheaf channel list`.',
  ),
  'channel.name_refused': kind(
    422,
    'The name cannot be used for a channel',
    'Choose a word that does not read as a version or a range, such as `beta`.',
  ),
  'channel.limit': kind(
    409,
    'The workflow has as many channels as it may',
    'Remove one that is not needed: `sheaf channel remove`.',
  ),
  'events.cursor_unknown': kind(
    410,
    'The feed does not hold this cursor any more',
    'Read the log for what happened before, and go on from `after=0`.',
  ),
  'webhook.not_found': kind(404, 'There is no such webhook', 'List those of the namespace.'),
  'webhook.delivery_not_found': kind(
    404,
    'There is no such delivery',
    'List those of the webhook; they are removed after some weeks.',
  ),
  'webhook.url_refused': kind(
    422,
    'Nothing is delivered to this URL',
    'Use an https URL of a public host, without credentials. The operator can allow networks with `SHEAF_WEBHOOK_ALLOW`.',
  ),
  'webhook.limit': kind(
    409,
    'There are as many webhooks as there may be',
    'Remove one that is not needed, or let one take several topics.',
  ),

  'file.not_found': kind(404, 'The bundle has no such file', 'The document of the version lists its files.'),
  'plan.parameters_missing': kind(
    422,
    'The plan depends on parameters',
    'Give the parameters that `errors` lists: `sheaf plan REF -p NAME=VALUE`.',
  ),
  'rate.limited': kind(429, 'Too many requests', 'Wait as long as `Retry-After` says.', true),
  'service.busy': kind(
    503,
    'The registry is busy',
    'Try again after `Retry-After`; nothing was stored.',
    true,
  ),
  'service.database_down': kind(
    503,
    'The database is out of reach',
    'Try again after `Retry-After`; reads of cached data still work.',
    true,
  ),
  'service.storage_down': kind(
    503,
    'The object store is out of reach',
    'Try again after `Retry-After`.',
    true,
  ),
  'service.log_lagging': kind(
    503,
    'The log did not confirm in time',
    'The request was accepted: send it again to get the same answer. It is safe.',
    true,
  ),
  'log.frozen': kind(
    503,
    'The log is frozen',
    'The operator restores a database that is at least as new as the copy of the last checkpoint, or sets the clock of the registry, whichever its own log names; until then nothing can be added to the log.',
  ),
  'registry.mirror': kind(
    403,
    'This is a mirror',
    'Publish to the registry that it mirrors, whose origin the detail names; what is published there comes with the next import.',
  ),
  'service.schema_behind': kind(
    503,
    'The schema of the database is behind',
    'The operator runs `sheaf-registry migrate`.',
    true,
  ),
  'service.stopping': kind(
    503,
    'The process is stopping',
    'Send the request again: another process takes it.',
    true,
  ),
  'metrics.refused': kind(
    403,
    'Metrics are not open to you',
    'Ask from the machine itself and without a proxy, or send the token of `SHEAF_METRICS_TOKEN`.',
  ),
  'internal.error': kind(
    500,
    'Something went wrong in the registry',
    'Try again; if it stays, report the request id.',
    true,
  ),
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** The table as a plain record, for a code that came over the wire. */
export function findProblemKind(code: string): ProblemKind | undefined {
  return Object.hasOwn(PROBLEMS, code) ? (PROBLEMS as Record<string, ProblemKind>)[code] : undefined;
}
