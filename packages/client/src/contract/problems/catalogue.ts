import { kind, type ProblemKind } from './kind.js';

/** What is published, its states, and what is told of it. */
export const CATALOGUE_PROBLEMS = {
  'namespace.not_found': kind(
    404,
    'There is no such namespace',
    'Check the name; if it is to be yours, create it: `sheaf namespace create NS`.',
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
  'version.not_found': kind(
    404,
    'There is no such version',
    'See the versions: `sheaf info NAMESPACE/NAME`.',
  ),
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
  'state.replacement_unknown': kind(
    422,
    'The replacement is not there',
    'Publish it first, or name another: a workflow or a version that everybody sees who sees the one it replaces.',
  ),
  'blob.not_found': kind(404, 'There is no bundle with this digest', 'Check the digest.'),
  'file.not_found': kind(404, 'The bundle has no such file', 'The document of the version lists its files.'),
  'plan.parameters_missing': kind(
    422,
    'The plan depends on parameters',
    'Give the parameters that `errors` lists: `sheaf plan REF -p NAME=VALUE`.',
  ),
  'channel.not_found': kind(
    404,
    'There is no such channel',
    'See the channels of the workflow: `sheaf channel list NAMESPACE/NAME`.',
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
} as const satisfies Record<string, ProblemKind>;
