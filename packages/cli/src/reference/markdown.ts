import type { Flag } from '../frame/args.js';
import { schemaName, type Command, type CommandGroup } from '../frame/command.js';
import { ENVIRONMENT } from '../frame/environment.js';
import { EXIT_MEANINGS } from '../frame/exit-codes.js';
import { describeWords } from '../frame/args.js';
import { COMMON_FLAGS, describeFlag } from '../frame/help.js';
import { GROUP_TITLES, VERBS, type VerbGroup } from '../verbs.js';

/** docs/CLI.md: every command with its flags and examples. */
export function renderReference(verbs: readonly (Command | CommandGroup)[]): string {
  const groups = Object.keys(GROUP_TITLES) as readonly VerbGroup[];
  const sections = groups.flatMap((group) =>
    VERBS.filter((verb) => verb.group === group).flatMap(({ name }) => {
      const verb = verbs.find((each) => each.name === name);
      if (verb === undefined) return [];
      return 'commands' in verb ? renderGroup(verb) : renderCommand(verb, '###');
    }),
  );
  return [
    '# The command line',
    '',
    'What `sheaf VERB --help` says, of all verbs; `npm install -g` brings the same as pages of the manual: `man sheaf`, `man sheaf-run`. [JSON.md](JSON.md) has the documents of `--json`, [ERRORS.md](ERRORS.md) the codes of errors.',
    '',
    ...groups.flatMap((group) => {
      const named = VERBS.filter((verb) => verb.group === group);
      return named.length === 0
        ? []
        : [
            `- **${GROUP_TITLES[group]}**: ${named.map(({ name }) => `[${name}](#sheaf-${name})`).join(' · ')}`,
          ];
    }),
    '',
    '## Verbs',
    '',
    ...sections,
    '## Flags of every verb',
    '',
    ...flagTable(COMMON_FLAGS),
    '',
    '## Exit codes',
    '',
    ...table(['code', 'meaning'], Object.entries(EXIT_MEANINGS)),
    '',
    '## Environment',
    '',
    ...table(
      ['variable', 'meaning'],
      ENVIRONMENT.map(({ name, meaning }) => [`\`${name}\``, meaning]),
    ),
    '',
  ].join('\n');
}

function renderGroup({ name, about, commands }: CommandGroup): readonly string[] {
  return [
    `### sheaf ${name}`,
    '',
    cell(about),
    '',
    ...commands.flatMap((command) => renderCommand(command, '####')),
  ];
}

function renderCommand(command: Command, heading: string): readonly string[] {
  const exits = [...new Set([...command.exitCodes, 2])].sort((a, b) => a - b).join(', ');
  return [
    `${heading} sheaf ${command.name}`,
    '',
    cell(command.about),
    '',
    '```',
    ['sheaf', command.name, ...describeWords(command.positionals), '[flags]'].join(' '),
    '',
    ...command.examples,
    '```',
    '',
    ...(command.flags.length === 0 ? [] : [...flagTable(command.flags), '']),
    `Exit codes ${exits} · JSON \`${schemaName(command.name)}\`${command.jsonSummary === undefined ? '' : `: ${command.jsonSummary}`}`,
    '',
  ];
}

function flagTable(flags: readonly Flag[]): readonly string[] {
  return table(
    ['flag', 'meaning'],
    flags.map((flag) => [`\`${describeFlag(flag)}\``, flag.summary]),
  );
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [heads, heads.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((each) => cell(each)).join(' | ')} |`,
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<').replaceAll('*', '\\*');
}
