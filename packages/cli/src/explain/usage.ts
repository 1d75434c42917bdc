import type { Explanation } from './explanation.js';

/** What was wrong with the words of a command. */
export const USAGE: Readonly<Record<string, Explanation>> = {
  'usage.account': [
    'The name of an account cannot be used',
    'It has characters that are not allowed',
    'Use letters, digits and dashes',
  ],
  'usage.age': [
    'The age cannot be read',
    'It is a number with s, m, h or d, of at most ten years',
    'Such as `30d`',
  ],
  'usage.allow_young': [
    '`--allow-young` names something that is not fetched',
    'It lets one release pass, once',
    'Name the release that is too young',
  ],
  'usage.arguments': [
    'The words do not fit the command',
    'Some exclude each other, or one is missing',
    'See the help of the verb',
  ],
  'usage.claim': ['A claim cannot be read', 'It is NAME=VALUE', 'Such as `--claim environment=release`'],
  'usage.conflict': ['Two flags exclude each other', 'They ask for different things', 'Leave one out'],
  'usage.address': [
    'An address cannot be used there',
    'It is not of https, or what lies there is to be run',
    'Name a file, a folder, or what somebody published',
  ],
  'usage.conflicting_flags': [
    'Two flags exclude each other',
    'They ask for different things',
    'Leave one out',
  ],
  'usage.exclusive_flags': ['Flags exclude each other', 'They ask for different things', 'Leave one out'],
  'usage.filter': [
    'A filter of the search cannot be read',
    'Its value is none of those that are known',
    'See `sheaf search --help`',
  ],
  'usage.from_index': [
    'The index is not one of the log',
    'It is a whole number, with `--reason compromised`',
    'See `sheaf key revoke --help`',
  ],
  'usage.interval': [
    'The interval cannot be read',
    'It is whole seconds, with `--follow`',
    'Such as `--follow --interval 60`',
  ],
  'usage.invalid_value': [
    'A flag does not take this value',
    'The message says what it takes',
    'Use one of those',
  ],
  'usage.invitations': [
    'The words do not fit',
    'Invitations are listed, or one is accepted or declined',
    '`sheaf invitations accept NS`',
  ],
  'usage.issuer': [
    'The registry takes no tokens of this issuer',
    'It is not one of those that are configured',
    'The message lists them',
  ],
  'usage.key_id': ['This is not the id of a key', 'It is 64 hexadecimal digits', '`sheaf key list` shows it'],
  'usage.key_name': [
    'The name of a key cannot be used',
    'It has characters that are not allowed',
    'Use letters, digits and dashes',
  ],
  'usage.limit': [
    'The limit is not a number in its range',
    'The message says the range',
    'Such as `--limit 20`',
  ],
  'usage.max_parallel': [
    'The number of parallel steps cannot be read',
    'It is a whole number from 1',
    'Such as `--max-parallel 4`',
  ],
  'usage.no_terminal': [
    'This needs a terminal',
    'Input or output is a file, a pipe, or the log of a job',
    'The hint says what does the same without one',
  ],
  'usage.workspace': [
    'What says where steps work cannot be used',
    'It is none of the kinds and no path, or goes with another kind only',
    '`--workspace run`, or `--workspace ./folder`',
  ],
  'usage.profile': [
    'There is no such profile',
    'A profile is `secure`, `permissive` or `disabled`',
    'Such as `--profile secure`',
  ],
  'usage.members': [
    'The words do not fit',
    'Members are listed, added, changed or removed',
    'See `sheaf namespace members --help`',
  ],
  'usage.jobs_unnamed': [
    'A rule about jobs of a CI does not say whose they are',
    'Names and refs can be those of a stranger, now or later; a number of a repository or its owner is never given to another',
    'Add `--repository-id` or `--owner-id`, `--project-id` or `--group-id`; or `--any-job`, if the jobs of strangers shall count',
  ],
  'usage.missing_argument': ['A word is missing', 'The command needs it', 'See the help of the verb'],
  'usage.missing_flag': [
    'A flag is missing',
    'The command needs it here',
    'Add the flag that the message names',
  ],
  'usage.missing_value': ['A flag has no value', 'It needs one', 'Write it behind the flag'],
  'usage.name': ['The name cannot be used', 'It is letters, digits and dashes', 'Choose another'],
  'usage.namespace': [
    'A namespace is missing, or what stands there is not the name of one',
    'It is not guessed, and has lower-case letters, digits and dashes only',
    'Name one, as the message says',
  ],
  'usage.output_name': [
    'The name of the output does not fit',
    'A signed bundle is a FILE.sheaf',
    'Name it so',
  ],
  'usage.setting': [
    'A setting of --set cannot be read',
    'It is KEY=VALUE, with dots between the parts of the key',
    'Such as `--set steps.build.timeout=5m`',
  ],
  'usage.parameter': ['A parameter cannot be read', 'It is NAME=VALUE', 'Such as `-p since=v1.0`'],
  'usage.reason': [
    'The reason is none of those that count',
    'It is superseded or compromised',
    'See `sheaf key revoke --help`',
  ],
  'usage.reference': [
    'The word is no reference',
    'It is namespace/name, with a version behind an @',
    'Such as `acme/deploy@^1.2`',
  ],
  'usage.registry': [
    'The word is no address of a registry',
    'It is a URL, or a name that is configured',
    '`sheaf registry list`',
  ],
  'usage.registry_needed': [
    'Several registries are configured, and none was named',
    'Which one is meant is not guessed',
    '`--registry NAME`',
  ],
  'usage.repeated_argument': ['A word is there twice', 'It would be done twice', 'Leave one out'],
  'usage.repeated_flag': ['A flag is there twice', 'Only the last could count', 'Leave one out'],
  'usage.stage': [
    'The word names no stage, or several',
    'It is the ID of one, or a version that only one holds',
    '`sheaf stage list`',
  ],
  'usage.role': ['There is no such role', 'It is reader, publisher, maintainer or owner', 'Use one of them'],
  'usage.scope': ['There is no such scope', 'The message lists them', 'Use one of them'],
  'usage.size': ['The size cannot be read', 'It is a number with KiB, MiB or GiB', 'Such as `500MiB`'],
  'usage.secret_name': [
    'That is not the name of a secret',
    'A name has letters, digits and `_`, like a variable; it may have been the secret itself',
    'Give the name: the value comes from standard input or is asked for',
  ],
  'usage.secret_scope': [
    '`--for` takes a workflow or a namespace',
    'What was given is neither',
    'Write `--for acme/notes` or `--for acme`',
  ],
  'usage.secret_value': [
    'The value of a secret cannot be used',
    'It is empty, shorter than 4 bytes, longer than 64 KiB, no text, or there was nothing to read it from',
    'Pipe it in: `sheaf secret set NAME < FILE`',
  ],
  'usage.stdin_empty': [
    'Nothing came in on stdin',
    'The command reads it from there',
    'Pipe it in, such as `< FILE`',
  ],
  'usage.stdin_too_large': [
    'More came in on stdin than is read',
    'The size is capped',
    'Check what is piped in',
  ],
  'usage.template': ['There is no such template', 'The message lists them', 'Use one of them'],
  'usage.threshold': [
    'The threshold is not a number in its range',
    'It is at least 1 and at most the number of keys',
    'Use such a number',
  ],
  'usage.token_id': ['This is not the id of a token', 'It is hexadecimal', '`sheaf token list` shows it'],
  'usage.too_many': ['There are too many of them at once', 'The number is capped', 'Do it in parts'],
  'usage.tool': [
    'Nothing can be allowed here',
    'Only a tool that is an ES module needs to be, by its name',
    'Look at it: `sheaf tools NAME`',
  ],
  'usage.unexpected_argument': ['There is a word too many', 'The command does not take it', 'Leave it out'],
  'usage.unexpected_value': [
    'A flag has a value that it does not take',
    'It is a switch',
    'Leave the value out',
  ],
  'usage.unknown_code': ['No code has this name', 'It is another', 'The message names the nearest'],
  'usage.unknown_command': ['There is no such command', 'The word is another', 'See the help of the verb'],
  'usage.unknown_flag': ['There is no such flag', 'The name is another', 'The message names the nearest'],
  'usage.unknown_topic': [
    'There is no such page of help',
    'The word is no verb, topic or code',
    '`sheaf help` lists them',
  ],
  'usage.unknown_verb': ['There is no such verb', 'The word is another', 'The message names the nearest'],
  'usage.webhook_id': [
    'This is not the id of a webhook',
    'It is hexadecimal',
    '`sheaf webhook list` shows it',
  ],
  'usage.version': [
    'The version cannot be read',
    'It is three numbers, as SemVer has it',
    'Such as `--to 1.2.0`',
  ],
  'usage.wrong_verb': [
    'Another verb does this',
    'The word is of a kind that this one does not take',
    'The message names the verb',
  ],
  'usage.data': [
    'What an event is to say cannot be read',
    'It is JSON',
    'Such as `--data \'{"approved": true}\'`, in single quotes for the shell',
  ],
  'usage.tail': ['The number of lines cannot be read', 'It is a whole number from 1', 'Such as `--tail 20`'],
  'usage.registry_name': [
    'The name of a registry cannot be used, or is missing',
    'It is lower-case letters, digits and dashes, and means one registry; a project names the registries that it uses',
    'Choose another; for `sheaf add`, `--registry-name NAME`',
  ],
  'usage.spki': [
    'The pin cannot be read',
    'It is sha256/ and 44 characters of base64',
    'The message says how to get it',
  ],
  'usage.shell': [
    'There are no completions for this shell',
    'There are scripts for bash, zsh, fish and PowerShell',
    'Name one of them',
  ],
};
