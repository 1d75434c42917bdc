import type { Explanation } from './explanation.js';

/** What is the matter with keys, signatures and those who publish. */
export const SIGNERS: Readonly<Record<string, Explanation>> = {
  'approval.refused': [
    'You did not agree',
    'A question was answered with no',
    'Run the command again if you do',
  ],
  'approval.required': [
    'Somebody has to agree, and nobody can be asked here',
    'There is no terminal, or it is a job of CI',
    'Run it at a terminal, or add the flag that the help names',
  ],
  'key.choice_needed': ['There are several signing keys', 'None was named', 'Name one: `--key NAME`'],
  'key.endorsement_required': [
    'A key of the namespace has to vouch for the new one',
    'Otherwise anybody with a token could add keys',
    'Add `--endorse NAME`, or have somebody sign: `--event FILE`',
  ],
  'key.event_invalid': [
    'The file holds no event of a key',
    'It was cut or is something else',
    'Make it again with `--event FILE`',
  ],
  'key.exists': [
    'The key is registered already',
    'A key is added once',
    'Nothing is left to do: `sheaf key list --namespace NS`',
  ],
  'key.expired': [
    'The key of the job was valid for a short time, which is over',
    'Keys of trusted publishing live for minutes',
    'Publish again',
  ],
  'key.file_invalid': [
    'The file of a key cannot be read',
    'It was changed, or is of another kind',
    'Restore it from a backup, or make a key: `sheaf key generate`',
  ],
  'key.invalid': [
    'A public key is malformed',
    'It is not Ed25519 in the form of SubjectPublicKeyInfo',
    'Copy the whole key',
  ],
  'key.none': [
    'There is no signing key on this machine',
    'Nothing can be signed without one',
    '`sheaf key generate --name NAME`',
  ],
  'key.not_found': ['There is no such key', 'The name or id is another', '`sheaf key list`'],
  'key.passphrase_required': [
    'The key is sealed, and no passphrase was given',
    'Nobody can be asked here',
    'Set `SHEAF_KEY_PASSPHRASE`, or run it at a terminal',
  ],
  'key.passphrase_wrong': [
    'The passphrase does not open the key',
    "It was mistyped, or is another key's",
    'Try again',
  ],
  'key.recovery': [
    'The new key was added by recovery, and not by a key that you accepted',
    'Its owner lost the old keys, or somebody took over the account',
    'Ask the publisher another way; then `sheaf trust add NS --key ID`',
  ],
  'key.recovery_refused': [
    'Recovery was not agreed to',
    'It is the last resort and shown to everybody',
    'Sign with a registered key instead',
  ],
  'key.revoked': [
    'The release is signed by a key that was revoked as compromised',
    'Whoever stole it may have signed this',
    'Use a version that another key signed: `sheaf info NAME`',
  ],
  'key.threshold': [
    'Fewer keys have signed than the namespace asks for',
    'Several have to',
    'Collect signatures: `--event FILE`, `sheaf key sign FILE`',
  ],
  'key.unauthorised': [
    'The release is signed by a key that does not belong to the namespace',
    'It was never added, or only later',
    'Do not use it; report it to the operator',
  ],
  'key.weak': [
    'The public key is one that everybody can sign for',
    'It has a small order',
    'Do not use it; report it',
  ],
  'pack.carriage_return': [
    'A script has carriage returns',
    'The shell would read them as part of its words',
    'Store the file with line feeds',
  ],
  'pack.secret_content': [
    'A text in the bundle looks like a secret',
    'What is published cannot be taken back',
    'Take it out and revoke it; if it is none, `--allow-secrets`',
  ],
  'pack.secrets': [
    'The bundle seems to hold secrets',
    'What is published cannot be taken back',
    'Leave the files out; if they are none, `--allow-secrets`',
  ],
  'pack.symlink': [
    'There is a symbolic link among the files',
    'A bundle holds plain files alone',
    'Replace it by the file, or exclude it',
  ],
  'pack.too_many_entries': [
    'The folder has more entries than are looked at',
    'It is probably not the folder of a workflow',
    'Name the right folder, or use `include`',
  ],
  'permissions.not_approved': [
    'The permissions of the workflow were not agreed to',
    'A workflow runs with what you agreed to, and nobody can be asked here',
    'Run it once at a terminal, or add `--yes`',
  ],
  'policy.invalid': [
    'A trust.toml has an error',
    'A rule that cannot be read protects nobody',
    'Correct the line that the message names',
  ],
  'policy.unsigned': [
    'There is a policy for runs that nobody has signed',
    'Anybody could have written it, and passing it over would be what they want',
    'Sign it: `sheaf policy sign FILE`; or take it away',
  ],
  'policy.key_unknown': [
    'A policy for runs is signed by a key that is not pinned',
    'The key is new, or somebody else signed it',
    'Compare the key with its owner, and write it as `policy_keys` into the trust.toml of machine or user',
  ],
  'policy.tampered': [
    'A policy for runs was changed after it was signed',
    'Its signature is of other bytes',
    'Put back the file that was signed, and ask who changed it',
  ],
  'policy.expired': [
    'A policy for runs has come to its end',
    'It says itself until when it holds',
    'Sign a newer one with a higher version: `sheaf policy sign FILE`',
  ],
  'policy.rolled_back': [
    'A policy for runs is older than the one before it',
    'Somebody may have put back one that allows more',
    'Put back the newer one, or sign one with a higher version',
  ],
  'policy.refused': [
    'A policy does not allow the run',
    'The message names the file and line',
    'See what is allowed: `sheaf policy show`; ask who signs it',
  ],
  'policy.writable': [
    'Others can write a trust.toml',
    'They could decide whom you trust',
    'Take the right away: `chmod go-w FILE`',
  ],
  'publisher.not_accepted': [
    'Nobody has accepted this publisher yet',
    'The first use of a namespace is a decision',
    'Run it at a terminal, or `sheaf trust add NS --key ID`',
  ],
  'publisher.not_allowed': [
    'A rule does not allow this publisher',
    'Your trust.toml, or that of the machine or project, says so',
    'Whoever owns the file that the message names can change it',
  ],
  'publisher.not_found': [
    'There is no such trusted publisher',
    'The id is another',
    '`sheaf namespace publisher list NS`',
  ],
  'release.too_young': [
    'The release is younger than the policy allows',
    'Bad releases are often found within days',
    'Wait, or once: `--allow-young REF`',
  ],
  'signature.invalid': [
    'A signature does not hold',
    'The bytes or the signature were changed',
    'Run the command again; if it stays, do not use it',
  ],
  'signature.threshold': [
    'Fewer keys have signed than must',
    'The namespace or your rule asks for more',
    'Ask the publisher to sign with more keys',
  ],
  'signer.changed': [
    'The release is signed by a key that you have not accepted',
    'A planned change, or a takeover',
    'Ask the publisher another way; then `sheaf trust add NS --key ID`',
  ],
  'signer.downgraded': [
    'Fewer keys have signed than for the release that you accepted',
    'A planned change, or one key was stolen',
    'Ask the publisher another way; then `sheaf trust add NS --threshold K`',
  ],
  'state.conflict': [
    'The state of the release is another one meanwhile',
    'Somebody else changed it',
    'Look at it: `sheaf info REF`',
  ],
  'state.quarantined': [
    'The release is quarantined',
    'The operator of the registry stopped it for everybody',
    'Use another version; no flag passes this',
  ],
  'state.yanked': [
    'The release was yanked',
    'Its publisher took it back',
    'Use the version that the message names',
  ],
  'statement.invalid': [
    'What was signed is malformed',
    'It is not a statement of a release',
    'Run the command again; if it stays, report it',
  ],
  'statement.mismatch': [
    'What was signed is about another release',
    'The registry answered with something else',
    'Run the command again; if it stays, do not use it',
  ],
  'trust.not_found': [
    'There is nothing to take back',
    'No rule and no acceptance has this name',
    '`sheaf trust list`',
  ],
  'trust.unusable': [
    'The store of pins cannot be used',
    'The file was changed, or cannot be written',
    'See the file that the message names; `XDG_STATE_HOME` puts it elsewhere',
  ],
  'version.exists': [
    'This version is published already with other bytes',
    'A version is published once, and for good',
    'Publish under a new version; `sheaf diff . REF` shows what differs',
  ],
  'name.confusable': [
    'The name could be mistaken for another',
    'Letters look alike, or only dashes differ',
    'Choose a name that is told apart',
  ],
  'name.reserved': [
    'The name is reserved',
    'It could be taken for something of sheaf itself',
    'Choose another',
  ],
  'pack.ignored': [
    'A file is in the bundle that git ignores',
    'It may not be meant for others',
    'Leave it out with `exclude`, or take it into git',
  ],
  'pack.not_included': [
    'A step names a file that the bundle leaves out',
    'It would be missing where the workflow runs',
    'Add it to `include`',
  ],
  'pack.secret_file': [
    'A file of the bundle is usually a secret',
    'What is published cannot be taken back',
    'Leave it out; if it is none, `--allow-secrets`',
  ],
  'publish.dirty': [
    'Files of the bundle are not as git has them',
    'The commit would say something else than what is published',
    'Commit them, or `--allow-dirty`, which names no commit',
  ],
};
