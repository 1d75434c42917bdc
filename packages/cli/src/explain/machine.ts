import type { Explanation } from './explanation.js';

/** What is the matter with this machine, its files, the network or a sign-in. */
export const MACHINE: Readonly<Record<string, Explanation>> = {
  'cache.dropped': [
    'An entry of the cache was damaged, was dropped and is fetched again',
    'A disk changed it, or whoever a restored cache came from',
    'Look at who can write to the cache; nothing of the entry was used',
  ],
  'callback.failed': [
    'A function that a program has given to the library has failed',
    'Its own error, the cause, has no code that could be passed on',
    'Correct the program: the cause says where',
  ],
  'dotenv.invalid': [
    'A dotenv file cannot be read',
    'A line of it is not `NAME=value`; the message says which and where',
    'Correct it: what has other signs than letters and digits goes in single quotes',
  ],
  'secret.keyring': [
    'The keyring of the system does not give or take a secret',
    'It is locked, does not answer, or has lost the secret',
    'Unlock it, or set the secret anew: `sheaf secret set NAME`',
  ],
  'secret.not_found': [
    'There is no such secret on this machine',
    'It was removed, or it is kept for another workflow',
    '`sheaf secret list`',
  ],
  'vault.damaged': [
    'The vault of secrets was changed or damaged, and nothing of it is used',
    'A disk or somebody changed it; what is sealed and what stands beside it do not agree',
    'Restore it from a copy, or move it away and set its secrets anew',
  ],
  'vault.full': [
    'There is no room for another secret',
    'A thousand are kept at most, and four mebibytes in a vault',
    'Remove what is not used any more: `sheaf secret list`, `sheaf secret remove NAME`',
  ],
  'vault.key_missing': [
    'The keyring does not give the key of the vault',
    'It is locked or not running, or the vault comes from another machine',
    'Unlock it, or move the vault away and set its secrets anew',
  ],
  'vault.key_wrong': [
    'The key in the keyring is not that of the vault',
    'The vault was changed, or comes from somewhere else',
    'Restore the vault that belongs to it, or move this one away and set its secrets anew',
  ],
  'vault.newer': [
    'The vault was written by a later version of sheaf',
    'This one does not know its form',
    'Use the newest one: `npm install -g @sheaf/cli`',
  ],
  'vault.passphrase_required': [
    'The vault needs its passphrase',
    'There is neither `SHEAF_VAULT_PASSPHRASE` nor a terminal to ask on',
    'Set the variable, or run the command in a terminal',
  ],
  'vault.passphrase_wrong': [
    'That is not the passphrase of the vault',
    'It was mistyped, or the vault is another one',
    'Try again; nobody can open it without',
  ],
  'auth.account_needed': [
    'Several accounts are signed in at this registry',
    'Which one is meant is not guessed',
    'Name it in config.toml: `account = "NAME"`',
  ],
  'auth.keyring': [
    'The keyring of the system cannot be used',
    'It is locked, or does not answer',
    'Unlock it, or use `SHEAF_TOKEN`',
  ],
  'auth.provider_invalid': [
    'The identity provider answered what cannot be understood',
    'It is misconfigured',
    'Tell the operator of the registry',
  ],
  'auth.sign_in_ended': [
    'The sign-in has ended and cannot be renewed',
    'The identity provider ended it',
    '`sheaf login`',
  ],
  'auth.sign_in_refused': [
    'The identity provider refused the sign-in',
    'The account or the client is not allowed',
    'Tell the operator of the registry what the message says',
  ],
  'auth.sign_in_timeout': [
    'Nobody signed in in time',
    'The browser was not used, or could not reach this machine',
    'Again: `sheaf login --device`',
  ],
  'cache.missing': [
    'The cache does not hold what is needed',
    'It was not fetched before',
    'Fetch it while there is a network: `sheaf fetch REF`',
  ],
  'cache.unusable': [
    'The cache cannot be used',
    'It cannot be written, or something else lies there',
    'See the path that the message names; `XDG_CACHE_HOME` puts it elsewhere',
  ],
  cancelled: [
    'The command was stopped',
    'Ctrl-C, or a signal',
    'Run it again: every command can be repeated safely',
  ],
  'channel.moved': [
    'Somebody else has moved the channel meanwhile',
    'Two people changed it at once',
    'Look at it: `sheaf channel list NAME`',
  ],
  'config.home_missing': [
    'Neither an XDG variable nor HOME says where files are kept',
    'The environment is empty',
    'Set `HOME`',
  ],
  'config.invalid': [
    'A file of the configuration cannot be read',
    'It has an error',
    'Correct the line that the message names',
  ],
  'file.busy': ['Another process is changing the file', 'Both would write it', 'Run the command again'],
  'file.denied': [
    'The system does not let you use the file',
    'Its owner or mode say so',
    'Check who owns it, and its mode',
  ],
  'file.disk_full': [
    'The disk is full',
    'Nothing more can be written',
    'Make room and run the command again',
  ],
  'file.exists': [
    'The file is there already',
    'Nothing is written over',
    'Move it away, or choose another name',
  ],
  'file.is_folder': [
    'A folder was named where a file is needed',
    'The path means something else',
    'Name a file',
  ],
  'file.not_folder': ['A part of the path is not a folder', 'The path is wrong', 'Check it'],
  'file.not_found': ['There is no such file or folder', 'The path is wrong', 'Check it'],
  'file.read_only': [
    'The file system cannot be written',
    'It is mounted so',
    'Set the XDG directories to a place that can be written',
  ],
  'file.too_large': ['The file is larger than the limit', 'It is read whole', 'Name the right file'],
  'init.in_the_way': [
    'There are files where the template would write',
    'Nothing is written over',
    'Name an empty folder',
  ],
  'install.incomplete': [
    'This copy of sheaf is not built',
    'It was taken from the sources',
    '`npm run build`',
  ],
  'internal.error': [
    'Something unexpected happened',
    'It is a defect of sheaf',
    'Run it again with `SHEAF_DEBUG=1` and report what it prints',
  ],
  'network.address': [
    'A definition at an address could not be read',
    'The address is wrong, or what answers there does not give a file',
    'Check the address; `sheaf validate -` reads a definition from a pipe',
  ],
  'network.insecure': [
    'The address is not encrypted',
    'What is read there could be changed on the way',
    'Use https',
  ],
  'network.redirect': [
    'The registry sent the request elsewhere',
    'A token is not carried to another place',
    'Use the address that it names',
  ],
  'network.sign_in': [
    'The identity provider could not be reached',
    'It is down, or the network is',
    'Run the command again',
  ],
  'network.timeout': [
    'The registry did not answer in time',
    'It is slow, or the network is',
    'Run the command again',
  ],
  'network.unreachable': [
    'The registry could not be reached',
    'It is down, the address is wrong, or there is no network',
    'Check the address; what was fetched runs with `--offline`',
  ],
  'node.too_old': ['This Node is too old', 'sheaf needs a newer one', 'Install a current Node'],
  'offline.missing': [
    'What is needed was not fetched before',
    '`--offline` uses the cache alone',
    'Fetch it while there is a network: `sheaf fetch REF`',
  ],
  'oidc.token_missing': [
    'The job gives no identity token',
    'It is not allowed to ask for one',
    'Give the job the right, such as `id-token: write`',
  ],
  'operation.cancelled': [
    'The work was stopped',
    'Whoever asked for it did not want it any more',
    'Run it again',
  ],
  'output.closed': ['Whoever read the output stopped reading', 'A pipe was closed', 'Nothing is wrong'],
  'plugins.invalid': [
    'The list of the modules that you allowed cannot be read',
    'It was changed by hand, or damaged',
    'Remove the file that the message names, and allow again what you need',
  ],
  'proxy.invalid': [
    'A proxy variable cannot be read',
    'It must be http://HOST:PORT',
    'Correct `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`',
  ],
  'proxy.refused': [
    'The proxy refused the connection',
    'It asks for a password, or does not allow the registry',
    'Check the proxy, or name the registry in `NO_PROXY`',
  ],
  'response.invalid': [
    'The registry answered what cannot be understood',
    'It is not a registry, or something between changed it',
    'Check the address',
  ],
  'response.problem': [
    'The registry refused with a code that this version does not know',
    'It is newer',
    'Read the message; upgrade sheaf',
  ],
  'response.too_large': [
    'The registry answered more than the limit',
    'It is broken, or not a registry',
    'Check the address',
  ],
  'tls.pin_invalid': [
    "A pin of a registry's key is malformed",
    'It must be sha256/ and 44 characters of base64',
    'Correct it in config.toml',
  ],
  'tls.pin_mismatch': [
    "The registry's certificate has none of the pinned keys",
    'The certificate was renewed with a new key, or somebody is in between',
    'Ask the operator; then change the pin: `sheaf registry add NAME URL --spki PIN`',
  ],
  'config.by_hand': [
    'config.toml is written in a form that is not changed by a program',
    'A change could lose what you wrote',
    'Make the change by hand, as the message says',
  ],
  'oidc.one_workflow': [
    'The job may publish one workflow alone',
    'The trusted publisher says so with `--only`',
    'Publish them one by one, or from a job that may publish all',
  ],
  'oidc.several_namespaces': [
    'The workflows are in several namespaces',
    'A job publishes together what is in one',
    'Publish each namespace by itself',
  ],
  'report.unwritable': [
    'A report of the run cannot be written',
    'The folder is missing, or its mode says so',
    'Name another file',
  ],
  'output.lost': [
    'The answer could not be written to stdout',
    'The disk is full, or whatever takes it has failed',
    'Make room, or write it elsewhere; what the command did is done',
  ],
  'tool.server_failed': [
    'A server of tools could not be asked',
    'It is not there, ended at once, wants a key, or speaks another protocol; the message says which',
    'Correct its file in `tools/`',
  ],
  'tool.no_secret': [
    'A server of tools wants a secret that this machine has not',
    'Its file names it as `${NAME}`',
    'Set the variable of that name',
  ],
  'tool.no_server': [
    'The project has no server of tools of that name',
    'None of `tools/*.json` with `"schema": "sheaf.mcp/1"` declares it',
    'Declare it: `{"schema": "sheaf.mcp/1", "name": "hub", "url": "https://mcp.example.com/mcp"}`',
  ],
  'tool.not_found': [
    'There is no action of that name',
    'It is mistyped, or declared by another project',
    'List them: `sheaf tools`',
  ],
  'test.expected': [
    'Something is not as a test expects it',
    'The workflow does something else, or the test expects what it should not',
    'Correct one of the two; the finding stands where the test says what it expects',
  ],
  'test.failed': [
    'Tests failed',
    'A workflow does something else than its tests expect',
    'Correct the workflow, or what the tests expect',
  ],
  'test.invalid': [
    'A test file cannot be used',
    'It names what the workflow does not have, or cannot be read',
    'Correct what the findings name; no test was run',
  ],
  'test.not_found': [
    'There are no such tests',
    'No file `*.test.toml` stands beside the workflow, or none of its tests has the name',
    'See docs/guides/test-workflows.md',
  ],
  'test.too_large': ['A test file is larger than is read', 'It has more than 4 MiB', 'Split it into several'],
  'test.too_many': [
    'There are too many test files beside a workflow',
    'At most 500 are read',
    'Name one of them',
  ],
};
