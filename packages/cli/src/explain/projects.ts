import type { Explanation } from './explanation.js';

/** What is the matter with a project, its lockfile or a reference. */
export const PROJECTS: Readonly<Record<string, Explanation>> = {
  'dependency.cycle': [
    'Workflows depend on each other in a circle',
    'None of them could be locked first',
    'Tell their publishers',
  ],
  'dependency.too_deep': [
    'Workflows depend on each other too deeply',
    'The depth is capped',
    'Tell the publisher',
  ],
  'lock.conflict': [
    'The lockfile has both sides of a merge',
    'It was merged with markers left in',
    '`sheaf lock` makes it anew from sheaf.toml',
  ],
  'lock.invalid': [
    'The lockfile cannot be read',
    'It was written by hand, or by a newer version',
    '`sheaf lock` makes it anew',
  ],
  'lock.missing': [
    'There is no sheaf.lock',
    '`--locked` runs exactly what it holds',
    '`sheaf lock`, and commit the file',
  ],
  'lock.stale': [
    'sheaf.lock does not match sheaf.toml',
    'One was changed without the other',
    '`sheaf lock`, and commit the file',
  ],
  'lock.tampered': [
    'The lockfile contradicts its own proofs',
    'It was changed by hand, or by somebody',
    'Look at its history in git; `sheaf lock` makes it anew',
  ],
  'lock.too_large': [
    'The lockfile would be larger than the limit',
    'It has too many entries',
    'Lock fewer workflows in one project',
  ],
  'project.by_hand': [
    'sheaf.toml is written in a form that is not changed by a program',
    'A change could lose what you wrote',
    'Make the change by hand, as the message says',
  ],
  'project.changed': ['sheaf.toml was changed meanwhile', 'Somebody else wrote it', 'Run the command again'],
  'project.invalid': ['sheaf.toml has an error', 'It is said with its line', 'Correct the line'],
  'project.missing': [
    'There is no sheaf.toml here or above',
    'The command works on a project',
    'Go to the project, or begin one: `sheaf add REF`',
  ],
  'project.name_invalid': [
    'The short name cannot be used',
    'It has characters that are not allowed',
    'Use letters, digits and dashes: `--as NAME`',
  ],
  'project.name_reserved': [
    'The short name is reserved',
    'It could be taken for a verb or a path',
    'Choose another: `--as NAME`',
  ],
  'project.name_taken': [
    'The short name stands for another workflow',
    'A name means one thing',
    'Choose another: `--as NAME`',
  ],
  'project.name_unknown': [
    'sheaf.toml names no such workflow',
    'The name is another',
    '`sheaf run` lists them',
  ],
  'project.registry_unnamed': [
    'A name of sheaf.toml would move to another registry',
    'It names none, and the first line of `[registries]`, or another one, changes which it means',
    'Give the registry a name: `sheaf registry add NAME URL`, then repeat the command',
  ],
  'project.unsafe': [
    'sheaf.toml belongs to others, they can write it, or a link leads out of it',
    'They could decide what you run, or what lies elsewhere is written',
    'Check who owns it, and its mode; put a file in the place of the link',
  ],
  'reference.ambiguous': [
    'The word could be a folder or a published workflow',
    'Both exist',
    'Write `./NAME` for the folder',
  ],
  'reference.invalid': [
    'The reference cannot be read',
    'It is not namespace/name, with @1.2.0, @^1.2, @beta or @sha256:… behind it',
    'Correct it',
  ],
  'reference.registry_ambiguous': [
    'Two configured registries hold this workflow, or have one name',
    'Which one is meant is never guessed',
    'Write one of the names that the message lists, such as `corp:acme/x`, or the address with `--registry`',
  ],
  'reference.registry_mismatch': [
    'A program asks one registry for what is qualified with the name of another',
    'A workflow of the same name at another registry is another thing',
    'In the program, let `createUpstreams` locate it, and pass on its client and its name',
  ],
  'reference.registry_unknown': [
    'No registry of this name is configured',
    'Names of `sheaf.toml` hold only before the colon, as in `corp:acme/x`',
    '`sheaf registry list`; `sheaf registry add NAME URL`',
  ],
  'reference.registry_unsure': [
    'One configured registry has this workflow; another one was asked without signing in, or with a token for other namespaces',
    'To strangers a registry answers of what is private as of what is not there, and somebody else may have published the name elsewhere. On a terminal that is a warning',
    'Write the registry in front, such as `corp:acme/x`; or sign in to the other; or, where nobody ever does, `sheaf registry add NAME URL --anonymous`',
  ],
  'reference.version_needed': [
    'The command needs one exact version',
    'It changes that version for everybody',
    'Write `NAME@1.2.0`',
  ],
  'reference.version_unexpected': [
    'The command is about the whole workflow',
    'A version means nothing here',
    'Leave out what stands behind the @',
  ],
  'registry.url_invalid': [
    'This is not the address of a registry',
    'It must be https, or http to this machine, without a path of its own',
    'Correct the address',
  ],
  'version.unresolved': [
    'No version matches the reference',
    'It names a range that none is in, or all that match are yanked',
    '`sheaf info NAME` lists the versions',
  ],
};
