import { kind, type ProblemKind } from './kind.js';

/** Keys, signatures, bundles and the log. */
export const TRUST_PROBLEMS = {
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
    'Sign with as many active keys as the namespace asks for: `GET /v1/namespaces/{namespace}` shows the threshold. Where somebody else holds the other key, stage it: `sheaf publish --stage`.',
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
  'tile.not_found': kind(404, 'The log has no such tile yet', 'Ask only for what the checkpoint covers.'),
  'log.frozen': kind(
    503,
    'The log is frozen',
    'The operator restores a database that is at least as new as the copy of the last checkpoint, or sets the clock of the registry, whichever its own log names; until then nothing can be added to the log.',
  ),
} as const satisfies Record<string, ProblemKind>;
