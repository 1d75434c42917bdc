/** The verbs of the command line in the order of the help page; each has its own file in `commands/` and its own bundle. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly group: VerbGroup;
  /** Few need it: it stands on the page `sheaf help all` only. */
  readonly rare?: boolean;
}

export type VerbGroup = 'author' | 'find' | 'project' | 'run' | 'registry' | 'machine';

const verb = (group: VerbGroup, name: string, summary: string): Verb => ({ name, summary, group });
const rare = (group: VerbGroup, name: string, summary: string): Verb => ({
  name,
  summary,
  group,
  rare: true,
});

export const VERBS: readonly Verb[] = [
  verb('author', 'init', 'start a workflow from a template'),
  verb('author', 'validate', 'check a definition and say where it is wrong'),
  verb('author', 'test', 'run the tests of a workflow'),
  rare('author', 'tools', 'list the actions that steps can use'),
  rare('author', 'graph', 'draw the steps of a workflow'),
  rare('author', 'schema', 'print the JSON Schema of a definition'),
  verb('author', 'pack', 'pack a workflow and print its digest'),
  verb('author', 'key', 'make, register, rotate and revoke signing keys'),
  verb('author', 'publish', 'sign and publish workflows'),
  rare('author', 'stage', 'approve or reject what waits for a second key'),
  verb('find', 'search', 'find workflows'),
  verb('find', 'info', 'show what a workflow is and may do'),
  verb('find', 'fetch', 'download and verify a workflow'),
  verb('find', 'verify', 'verify log, signature and bytes'),
  verb('find', 'diff', 'show what changed between two versions'),
  verb('find', 'cache', 'list, verify and clean what was fetched'),
  verb('project', 'add', 'add a workflow to sheaf.toml and sheaf.lock'),
  verb('project', 'remove', 'take a workflow out of both'),
  verb('project', 'lock', 'lock what sheaf.toml names, with its proofs'),
  verb('project', 'outdated', 'show what is newer than what is locked'),
  verb('project', 'upgrade', 'move to newer versions, after showing what changes'),
  rare('find', 'audit-log', 'follow a log and judge every entry'),
  verb('run', 'plan', 'show what would run'),
  verb('run', 'run', 'run a workflow'),
  verb('run', 'status', 'list runs, or show one'),
  verb('run', 'logs', 'print what the steps of a run wrote'),
  verb('run', 'artifacts', 'list and copy the files that a run has kept'),
  rare('run', 'event', 'send an event to a run that waits for one'),
  verb('run', 'cancel', 'end a run, also one of another terminal'),
  verb('run', 'resume', 'go on with an interrupted run'),
  verb('run', 'rerun', 'run again from a step on'),
  verb('run', 'secret', 'store secrets that workflows ask for'),
  rare('run', 'workspace', 'show, open and clean what runs have left'),
  verb('registry', 'registry', 'add, list and remove registries by name'),
  verb('registry', 'login', 'trust a registry and sign in'),
  verb('registry', 'logout', 'sign out of a registry'),
  verb('registry', 'whoami', 'show who a registry takes you for'),
  verb('registry', 'trust', 'show and change whom this machine believes'),
  rare('registry', 'policy', 'show, sign and verify what runs are held to'),
  verb('registry', 'token', 'create, list and revoke access tokens'),
  verb('registry', 'namespace', 'namespaces: members, policy, transfer'),
  rare('registry', 'invitations', 'accept or decline to join a namespace'),
  verb('registry', 'deprecate', 'advise against a version'),
  rare('registry', 'undeprecate', 'take a deprecation back'),
  verb('registry', 'yank', 'take a version out of search and ranges'),
  rare('registry', 'unyank', 'take a yank back'),
  verb('registry', 'channel', 'point channels at versions'),
  rare('registry', 'webhook', 'have events sent somewhere, signed'),
  rare('registry', 'audit', 'show who did what in a registry'),
  rare('registry', 'quarantine', 'stop a version everywhere, as an admin'),
  rare('registry', 'unquarantine', 'take a quarantine back'),
  verb('machine', 'doctor', 'find what is wrong with this installation'),
  verb('machine', 'completion', 'print the script that completes in a shell'),
  rare('machine', 'help', 'say more about a verb, a topic or a code'),
];

export const GROUP_TITLES: Readonly<Record<VerbGroup, string>> = {
  author: 'write',
  find: 'find',
  project: 'project',
  run: 'run',
  registry: 'registry',
  machine: 'machine',
};
