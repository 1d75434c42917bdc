import { hangText } from '../terminal/text.js';
import { GROUP_TITLES, VERBS, type VerbGroup } from '../verbs.js';

/** The page of `sheaf` is made before anybody's terminal is known. */
const TOP_COLUMNS = 78;

const GROUPS = Object.keys(GROUP_TITLES) as readonly VerbGroup[];

/** The page of `sheaf` without a verb: at most 20 lines. */
export function renderTopHelp(): string {
  const groups = GROUPS.flatMap((group) => {
    const names = VERBS.filter((verb) => verb.group === group && verb.rare !== true).map((verb) => verb.name);
    if (names.length === 0) return [];
    // A dot stands behind the name before it, never at the beginning of a line.
    const lines = hangText(`  ${GROUP_TITLES[group].padEnd(10)}`, names.join('\u00a0· '), TOP_COLUMNS);
    return lines.map((line) => line.replaceAll('\u00a0', ' '));
  });
  return [
    'sheaf: publish, find, verify and run signed workflows',
    '',
    ...groups,
    '',
    '  sheaf init my-flow               start a workflow that runs as it is',
    '  sheaf search release notes       find one that others have published',
    '  sheaf run acme/release-notes     verify it, show what it may do, and run it',
    '',
    'sheaf VERB --help says more about a verb, sheaf help all lists every one;',
    'sheaf help CODE explains an error; also: help topics, --version, --json',
    '',
  ].join('\n');
}

/** `sheaf help all`: every verb with what it does. */
export function renderAllVerbs(columns: number | undefined): string {
  const width = Math.max(...VERBS.map(({ name }) => name.length)) + 2;
  return GROUPS.flatMap((group) => {
    const verbs = VERBS.filter((verb) => verb.group === group);
    if (verbs.length === 0) return [];
    return [
      GROUP_TITLES[group],
      ...verbs.flatMap(({ name, summary }) => hangText(`  ${name.padEnd(width)}`, summary, columns)),
      '',
    ];
  }).join('\n');
}
