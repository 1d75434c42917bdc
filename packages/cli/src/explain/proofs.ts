import type { Explanation } from './explanation.js';

/** What keeps a log, a proof or a witness from being believed. */
export const PROOFS: Readonly<Record<string, Explanation>> = {
  'audit.authority': [
    'An entry of the log is signed by a key that had no right to it',
    'Somebody wrote to the log who should not have, or the log was changed',
    'Stop using the registry and send the evidence to its operator',
  ],
  'audit.chain': [
    'An entry does not follow on the one before it of its namespace',
    'An event was left out or put in',
    'Stop using the registry and send the evidence to its operator',
  ],
  'audit.duplicate': [
    'Something is in the log twice that may be there once',
    'The registry broke its own rule',
    'Send the evidence to the operator',
  ],
  'audit.leaf': [
    'An entry of the log cannot be read',
    'It is not in the form of a log entry',
    'Send the evidence to the operator',
  ],
  'audit.root': [
    'The entries do not hash to the root that was signed',
    'The registry showed other entries than it signed',
    'Stop using the registry and send the evidence to its operator',
  ],
  'audit.time': [
    'The times of entries go backwards',
    'The clock of the registry was wrong, or entries were moved',
    'Send the evidence to the operator',
  ],
  'audit.transition': [
    'An entry changes something into a state it cannot have',
    'The registry broke its own rule',
    'Send the evidence to the operator',
  ],
  'carry.invalid': [
    'The file is not a workflow that was carried with its proofs',
    'It was cut or is something else',
    'Make it again: `sheaf fetch REF -o FILE.sheaf`',
  ],
  'carry.published': [
    'The file was published already',
    'Another signature would change nothing',
    'Publish a new version',
  ],
  'carry.unpublished': [
    'The file holds no proof of a log',
    'It was signed, and never published',
    'Publish it first: `sheaf publish FILE.sheaf`',
  ],
  'checkpoint.invalid': [
    'The head of the log is malformed',
    'Something else was sent',
    'Run the command again without proxy or mirror',
  ],
  'envelope.digest': [
    'The envelope is not the one that the log names',
    'It was exchanged on the way',
    'Run the command again; if it stays, do not use the registry',
  ],
  'envelope.invalid': [
    'The signed envelope is malformed',
    'Something else was sent',
    'Run the command again',
  ],
  'envelope.payload_type': [
    'The envelope signs another kind of document',
    'A signature counts for one kind alone',
    'Do not use it; report it',
  ],
  'leaf.chain': [
    'An event of a namespace does not follow on the one before it',
    'An event was left out or put in',
    'Stop using the registry and send the evidence to its operator',
  ],
  'leaf.invalid': [
    'An entry of the log is malformed',
    'It is not in the form of a log entry',
    'Run the command again; if it stays, report it',
  ],
  'leaf.mismatch': [
    'The proven entry is about another release',
    'The registry answered with a proof for something else',
    'Run the command again without proxy or mirror, then report it',
  ],
  'leaf.type_unknown': [
    'An entry of the log has a type that this version does not know',
    'The registry is newer',
    'Upgrade sheaf',
  ],
  'log.fork': [
    'The log contradicts what was seen of it before',
    'The registry shows different histories to different people, or was set back',
    'Stop using it; send the evidence file to the operator and to a witness',
  ],
  'log.key_changed': [
    'The log has another key than the one that was pinned',
    'The registry was made anew, or it is another one',
    'Ask the operator another way; then `sheaf login URL --replace-log-key KEY`',
  ],
  'log.key_invalid': [
    'A log key is malformed',
    'It was cut or mistyped',
    "Copy the whole key from the operator's page",
  ],
  'log.key_unknown': [
    'The log is signed by a key that is not pinned',
    'It is another registry, or something between',
    'Compare with the key that the operator publishes',
  ],
  'log.key_unpinned': [
    "The key of this registry's log is not known here yet",
    'Nobody has said that it is the right one',
    '`sheaf login URL` shows it and asks; without a terminal, `--log-key KEY` or `SHEAF_LOG_KEY`',
  ],
  'log.missing': [
    'The registry names no log',
    'Without one nothing can be verified',
    'Check the address; it may not be a registry',
  ],
  'log.origin': [
    'The log has another name than it was pinned under',
    'It is another log',
    'Check the address of the registry',
  ],
  'log.origin_taken': [
    'Two log keys are in play for one name of a registry',
    'Two registries cannot share a name, or the key was replaced at one of its addresses only',
    '`sheaf trust list` shows the addresses; ask the operator which key is right, then `sheaf login URL --replace-log-key KEY` at the other',
  ],
  'log.path_invalid': [
    'A path of the log is malformed',
    "It was not made by the log's rules",
    'Report it to the operator',
  ],
  'log.range': ['The log was asked for entries that it cannot have', 'The question was wrong', 'Report it'],
  'log.realm_changed': [
    'The workflow moved between the public log and a private one',
    'That is not done silently',
    'Ask the operator of the registry',
  ],
  'log.rollback': [
    'The log is shorter than it was when it was last seen',
    'It was set back, or an old copy was served',
    'Run the command again; if it stays, stop using the registry and send the evidence to its operator',
  ],
  'log.signature': [
    'The head of the log is not signed by the pinned key',
    "It was changed on the way, or is another log's",
    'Run the command again without proxy or mirror; if it stays, compare the keys',
  ],
  'log.stale': [
    'The newest head of the log is older than allowed',
    'The registry or its witnesses stand still, or the clock here is wrong',
    'Check the clock; run the command again later',
  ],
  'log.tile_invalid': ['A part of the log is malformed', 'It was cut or changed', 'Run the command again'],
  'log.unproven': [
    'The registry could not prove that its log only grew',
    'The answer was missing or wrong',
    'Run the command again; if it stays, send the evidence to the operator',
  ],
  'note.invalid': [
    'A signed note is malformed',
    'Something else was sent',
    'Run the command again without the proxy',
  ],
  'proof.inclusion': [
    'The log does not hold what the registry says it holds',
    'The proof is for another entry or another log',
    'Run the command again without proxy or mirror, then report it',
  ],
  'proof.invalid': ['A proof is malformed', 'It was cut or changed', 'Run the command again'],
  'receipt.invalid': [
    'A stored proof cannot be read',
    'The file was changed',
    'It is fetched again: run the command with a network',
  ],
  'standing.incomplete': [
    'The file does not say what became of the release',
    'It was made by something else',
    'Make it again: `sheaf fetch REF -o FILE.sheaf`',
  ],
  'standing.invalid': [
    "What the registry says of a release's state does not hold",
    'The proof of it is missing or wrong',
    'Run the command again; if it stays, report it',
  ],
  'witness.key_invalid': [
    'The key of a witness is malformed',
    'It was cut or mistyped',
    'Copy the whole key',
  ],
  'witness.policy_invalid': [
    'The policy of witnesses cannot be read',
    'It has a line that means nothing',
    'Correct the line that the message names',
  ],
  'witness.quorum': [
    'Too few witnesses have signed the head of the log',
    'They are down, or the registry shows them another history',
    'Run the command again later; if it stays, ask the operator',
  ],
  'witness.request_invalid': [
    'A witness was asked in a form it cannot read',
    'Something else sent the question',
    'Report it',
  ],
  'witness.signature': [
    'The signature of a witness does not hold',
    'It was changed on the way',
    'Run the command again',
  ],
};
