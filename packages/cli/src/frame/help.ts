import { GROUP_TITLES, VERBS, type VerbGroup } from '../verbs.js';
import { hangText } from '../terminal/text.js';
import type { Flag } from './args.js';
import { schemaName, type Command, type CommandGroup } from './command.js';
import { EXIT_MEANINGS } from './exit-codes.js';

/** The flags that every command has. */
export const COMMON_FLAGS: readonly Flag[] = [
  {
    name: 'json',
    value: 'V',
    values: ['1'],
    optional: true,
    summary: 'print one JSON document; --json=1 holds to its first version',
  },
  { name: 'help', short: 'h', summary: 'print this' },
];

/** The page of `sheaf` is made before anybody's terminal is known. */
const TOP_COLUMNS = 78;

/** The page of `sheaf` without a verb. */
export function renderTopHelp(): string {
  const groups = (Object.keys(GROUP_TITLES) as VerbGroup[]).flatMap((group) => {
    const names = VERBS.filter((verb) => verb.group === group && verb.rare !== true).map((verb) => verb.name);
    if (names.length === 0) return [];
    // A dot stands behind the name before it, never at the beginning of a line.
    const listed = names.join('\u00a0· ');
    const lines = hangText(`  ${GROUP_TITLES[group].padEnd(10)}`, listed, TOP_COLUMNS);
    return lines.map((line) => line.replaceAll('\u00a0', ' '));
  });
  return [
    'sheaf: publish, find, verify and run signed workflows',
    '',
    'usage  sheaf VERB [arguments] [--json] [--help]',
    '',
    ...groups,
    '',
    '  sheaf init my-flow               start a workflow that runs as it is',
    '  sheaf search release notes       find one that others have published',
    '  sheaf run acme/release-notes     verify it, show what it may do, and run it',
    '',
    'sheaf help VERB says more about one; sheaf --version prints the version',
    '',
  ].join('\n');
}

/** The page of `sheaf VERB --help`. Prose is broken to the width of the terminal; examples are there to be copied. */
export function renderCommandHelp(command: Command, columns: number | undefined): string {
  const { names, required, more = false } = command.positionals;
  const words = names.map((name, index) => {
    const word = more && index === names.length - 1 ? `${name} …` : name;
    return index < required ? word : `[${word}]`;
  });
  const flags = [...command.flags, ...COMMON_FLAGS].map((flag): readonly [string, string] => [
    describeFlag(flag),
    flag.name === 'json' ? (command.jsonSummary ?? flag.summary) : flag.summary,
  ]);
  const width = Math.max(...flags.map(([left]) => left.length)) + 2;
  const exits = [...new Set([...command.exitCodes, 2 as const])]
    .sort((a, b) => a - b)
    .map((code) => `${code} ${EXIT_MEANINGS[code]}`)
    .join(' · ');
  return [
    ...hangText('', command.about, columns),
    '',
    `usage  ${['sheaf', command.name, ...words, '[flags]'].join(' ')}`,
    '',
    ...command.examples.map((example) => `  ${example}`),
    '',
    'flags',
    ...flags.flatMap(([left, right]) => hangText(`  ${left.padEnd(width)}`, right, columns)),
    '',
    ...hangText('exits  ', exits, columns),
    `json   ${schemaName(command.name)}`,
    '',
  ].join('\n');
}

/** The page of a verb that has sub-verbs. */
export function renderGroupHelp(group: CommandGroup, columns: number | undefined): string {
  const width = Math.max(...group.commands.map((command) => command.name.length)) + 2;
  return [
    ...hangText('', group.about, columns),
    '',
    ...group.commands.flatMap((command) =>
      hangText(`  sheaf ${command.name.padEnd(width)}`, command.about.replace(/\.$/, ''), columns),
    ),
    '',
    `sheaf ${group.name} ${group.commands.length === 1 ? (group.commands[0]?.name.split(' ')[1] ?? '') : 'COMMAND'} --help says more`,
    '',
  ].join('\n');
}

function describeFlag(flag: Flag): string {
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  const value =
    flag.value === undefined ? '' : flag.optional === true ? `[=${flag.value}]` : ` ${flag.value}`;
  return `${short}--${flag.name}${value}${flag.repeat === true ? ' …' : ''}`;
}
