import type { Explanation } from './explanation.js';

/** Why an action did not do what it should. */
export const ACTIONS: Readonly<Record<string, Explanation>> = {
  'action.cancelled': [
    'An action was stopped',
    'The run was cancelled, or the step took longer than its timeout',
    '`sheaf resume RUN`',
  ],
  'action.failed': [
    'An action failed',
    'It threw something that is no error of an action',
    'Look at its log: `sheaf logs RUN STEP`',
  ],
  'action.input': [
    'An action was given what it does not take',
    'An input is missing, misspelt, or of another kind',
    'Look at what it takes: `sheaf tools NAME`',
  ],
  'action.json': [
    'A text is no JSON, or a selection of it fails',
    'It was written by hand, or has another form than expected',
    'Look at the text, or at `select`',
  ],
  'action.output': [
    'What an action gave back cannot be kept',
    'It is no JSON, too large, or nested too deep',
    'Correct the tool, or hand large results on as files',
  ],
  'action.template': [
    'A template cannot be filled in',
    'An expression in it is wrong, or reads what was not given',
    'Correct the place that the message names',
  ],
  'action.unknown': [
    'There is no such action here',
    'It was declared by a project that this is not',
    'List them: `sheaf tools`',
  ],
  'ai.answer': [
    'A server gave what is no chat completion',
    'The address is that of something else, or it speaks another protocol',
    'Check `base_url`: it ends where `/chat/completions` begins',
  ],
  'ai.output': [
    'The answer of a model does not fit the schema that was asked for',
    'It was cut off, or the server takes a schema for advice only',
    'Raise `max_tokens`, give the step a `retry`, or ask for less',
  ],
  'ai.refused': [
    'A model refuses to answer',
    'What it was asked is against the rules of who runs it',
    'Ask for something else',
  ],
  'container.failed': [
    'A container ended with another exit code than 0, or never ran',
    'The message tells which',
    'Look at its log: `sheaf logs RUN STEP`',
  ],
  'container.missing': [
    'Neither Podman nor Docker is here',
    'A container step needs one of them',
    '`apt-get install podman`',
  ],
  'file.checksum': [
    'A file is not the one that was expected',
    'It has changed, or the checksum is another',
    'Find out which of the two is right',
  ],
  'file.failed': [
    'A file cannot be used',
    'It is no regular file, or the system refuses it',
    'Check its path and its mode',
  ],
  'file.missing': [
    'There is no such file',
    'The path is wrong, or the step that writes it did not run',
    'Check the path',
  ],
  'git.failed': [
    'Git could not answer',
    'A revision is not there, or the folder is no repository',
    'Fetch what is missing: `git fetch --unshallow --tags`',
  ],
  'http.circuit_open': [
    'A server is left alone for a while',
    'It failed five times in a row: it has half a minute, and twice as long each time that it fails again, up to five minutes',
    'Try again at the time that the hint tells',
  ],
  'http.failed': [
    'A server gave no answer',
    'The network, the name or the server',
    'Check the address; the step may have `retry`',
  ],
  'http.status': [
    'A server answered with another status than expected',
    'The request was refused, or the server is not well',
    'Look at `outputs.body`, or list the status in `expect`',
  ],
  'http.too_large': [
    'A body is larger than is taken',
    'One MiB unless `max_bytes` says more',
    'Raise `max_bytes`, and `save` it to a file',
  ],
  'mcp.answer': [
    'A tool of a server gave what is no result',
    'It does not fit the schema that the tool itself declares',
    'Tell who keeps the server',
  ],
  'mcp.connect': [
    'A server of tools cannot be connected to',
    'It is not there, ended at once, speaks another protocol or version, or wants a key',
    'The message says why; try it with `sheaf tools --mcp NAME`',
  ],
  'mcp.failed': [
    'A call of a tool got no result',
    'The server refused it, or the connection broke',
    'Look at the log of the step: `sheaf logs RUN STEP`',
  ],
  'mcp.missing': [
    'The Model Context Protocol is not installed here',
    'Who embeds the engine may do without it',
    '`npm install @modelcontextprotocol/sdk`',
  ],
  'mcp.timeout': [
    'A tool of a server took too long',
    'A call may take one minute unless `timeout_ms` says more',
    'Raise `timeout_ms`, or give the tool less to do',
  ],
  'mcp.tool': [
    'A tool of a server says that it failed',
    'The message is its own',
    'Look at `outputs.text`, and at what the tool was given',
  ],
  'mcp.unknown_tool': [
    'A server has no tool of that name',
    'It is misspelt, or the server is another version',
    'List its tools: `sheaf tools --mcp NAME`',
  ],
  'plugin.failed': [
    'A tool of the project failed',
    'It said so, or ended with another exit code than 0',
    'Look at its log: `sheaf logs RUN STEP`',
  ],
  'plugin.invalid': [
    'A module of the project cannot be used',
    'It lacks what its file declares, or cannot be loaded',
    'Correct it; `sheaf tools` checks the files',
  ],
  'plugin.not_allowed': [
    'Nobody has agreed to run a module of the project',
    'It runs with all your rights, and has changed or is new',
    'Read it, then `sheaf tools NAME --allow`',
  ],
  'policy.denied': [
    'The run may not do what a step asked for',
    'The permissions of the workflow do not name it',
    'Add it under `[permissions]`',
  ],
  'script.failed': ['A script threw an error', 'The message names it and the line', 'Correct the script'],
  'script.memory': ['A script needs too much memory', 'It has 64 MiB', 'Do less in it, or use a shell step'],
  'script.output': [
    'The result of a script cannot be used',
    'It is no table of outputs, too large, or nested too deep',
    'Return a table of values: `return { name: value }`',
  ],
  'script.pending': [
    'A script waits for ever',
    'There are no timers and nothing to wait for in a script',
    'Take out what it waits for',
  ],
  'script.syntax': ['A script cannot be read', 'It is no body of a JavaScript function', 'Correct it'],
  'script.timeout': ['A script took too long', 'It has five seconds', 'Do less in it, or use a shell step'],
  'secret.invalid': [
    'A secret of this machine cannot be used',
    'It is too short to be hidden in output, too long, or holds a NUL',
    'Give it another value: `sheaf secret set NAME`',
  ],
  'secret.missing': [
    'This machine has no such secret',
    'Nobody has stored it for this workflow, and no variable of the environment has that name',
    'Store it: `sheaf secret set NAME`; or give it in the environment',
  ],
  'secret.unreadable': [
    'A secret is stored here and cannot be read',
    'The keyring is locked, or the vault cannot be opened; the message says which and why',
    'Do what the hint says, then run again',
  ],
};
