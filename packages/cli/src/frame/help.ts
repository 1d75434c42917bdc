import { hangText } from '../terminal/text.js';
import { describeWords, type Flag } from './args.js';
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

/** The page of `sheaf VERB --help`. Prose is broken to the width of the terminal; examples are there to be copied. */
export function renderCommandHelp(command: Command, columns: number | undefined): string {
  const words = describeWords(command.positionals);
  const flags = [...command.flags, ...COMMON_FLAGS].map((flag) => ({
    left: describeFlag(flag),
    right: flag.name === 'json' ? (command.jsonSummary ?? flag.summary) : flag.summary,
    isUsual: flag.rare !== true && !COMMON_FLAGS.includes(flag),
  }));
  const width = Math.max(...flags.map(({ left }) => left.length)) + 2;
  const list = (title: string, isUsual: boolean): readonly string[] => {
    const lines = flags
      .filter((flag) => flag.isUsual === isUsual)
      .flatMap(({ left, right }) => hangText(`  ${left.padEnd(width)}`, right, columns));
    return lines.length === 0 ? [] : [title, ...lines, ''];
  };
  const exits = [...new Set([...command.exitCodes, 2 as const])]
    .sort((a, b) => a - b)
    .map((code) => `${code} ${EXIT_MEANINGS[code]}`)
    .join(' · ');
  return [
    ...hangText('', command.about, columns),
    '',
    ...command.examples.map((example) => `  ${example}`),
    '',
    `usage  ${['sheaf', command.name, ...words, '[flags]'].join(' ')}`,
    '',
    ...list('flags', true),
    ...list('more flags', false),
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
    ...group.commands
      .flatMap(({ examples }) => examples.slice(0, 1))
      .map((example) => `  ${example}`)
      .slice(0, 2),
    '',
    ...group.commands.flatMap((command) =>
      hangText(`  sheaf ${command.name.padEnd(width)}`, command.about.replace(/\.$/, ''), columns),
    ),
    '',
    `sheaf ${group.name} ${group.commands.length === 1 ? (group.commands[0]?.name.split(' ')[1] ?? '') : 'COMMAND'} --help says more`,
    '',
  ].join('\n');
}

/** `-o, --output DIR …` */
export function describeFlag(flag: Flag): string {
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  const value =
    flag.value === undefined ? '' : flag.optional === true ? `[=${flag.value}]` : ` ${flag.value}`;
  return `${short}--${flag.name}${value}${flag.repeat === true ? ' …' : ''}`;
}
