import { VERBS } from '../verbs.js';
import { CliError } from './errors.js';
import { findNear } from './suggest.js';

/** What other tools call what a verb does, or what is easily taken for it. */
const TWINS: Readonly<Record<string, readonly string[]>> = {
  auth: ['login'],
  build: ['pack'],
  check: ['validate', 'verify'],
  create: ['init'],
  delete: ['remove'],
  describe: ['info'],
  diagnose: ['doctor'],
  download: ['fetch'],
  exec: ['run'],
  find: ['search'],
  get: ['fetch', 'info'],
  i: ['add'],
  install: ['add', 'fetch'],
  kill: ['cancel'],
  lint: ['validate'],
  list: ['status', 'search'],
  ls: ['status', 'search'],
  man: ['help'],
  new: ['init'],
  ps: ['status'],
  pull: ['fetch'],
  push: ['publish'],
  release: ['publish'],
  retry: ['rerun'],
  rm: ['remove'],
  runs: ['status'],
  show: ['info', 'status'],
  signin: ['login'],
  signout: ['logout'],
  start: ['run'],
  stop: ['cancel'],
  tree: ['graph'],
  uninstall: ['remove'],
  unpublish: ['yank'],
  update: ['upgrade', 'outdated'],
  upload: ['publish'],
  version: ['--version'],
  view: ['info'],
};

/** What a word that is no verb is answered with. */
export function unknownVerb(word: string): CliError {
  if (word.startsWith('-')) {
    return new CliError('usage.unknown_flag', `flags stand after the verb: ${word}`, {
      hint: /^-[vV]$/.test(word) ? 'did you mean sheaf --version' : `sheaf VERB ${word}`,
    });
  }
  const names = VERBS.map(({ name }) => name);
  const folded = word.toLowerCase();
  const twins = Object.hasOwn(TWINS, folded) ? (TWINS[folded] ?? []) : [];
  const near = twins.length > 0 ? undefined : findNear(word, names);
  const meant = [
    ...twins.filter((name) => names.includes(name) || name.startsWith('-')),
    ...(near === undefined ? [] : [near]),
  ];
  return new CliError('usage.unknown_verb', `sheaf has no verb \`${word}\``, {
    hint: meant.length === 0 ? 'sheaf help' : meant.map((name) => `did you mean sheaf ${name}`),
  });
}
