import type { Flag } from '../frame/args.js';
import type { Command, CommandGroup } from '../frame/command.js';
import { schemaName } from '../frame/command.js';
import { ENVIRONMENT } from '../frame/environment.js';
import { EXIT_MEANINGS } from '../frame/exit-codes.js';
import { describeWords } from '../frame/args.js';
import { COMMON_FLAGS, describeFlag } from '../frame/help.js';
import { GROUP_TITLES, VERBS, type VerbGroup } from '../verbs.js';

type AnyVerb = Command | CommandGroup;

/** The pages of the manual, section 1: `sheaf.1`, and `sheaf-VERB.1` for each verb. */
export function renderManual(verbs: readonly AnyVerb[], version: string): ReadonlyMap<string, string> {
  return new Map([
    ['sheaf.1', renderTop(version)],
    ...verbs.map((verb): readonly [string, string] => [`sheaf-${verb.name}.1`, renderVerb(verb, version)]),
  ]);
}

function renderTop(version: string): string {
  const groups = (Object.keys(GROUP_TITLES) as VerbGroup[]).flatMap((group) => {
    const verbs = VERBS.filter((verb) => verb.group === group);
    return verbs.length === 0
      ? []
      : [`.SS ${quoted(GROUP_TITLES[group])}`, ...verbs.flatMap(({ name, summary }) => entry(name, summary))];
  });
  return page('sheaf', version, [
    '.SH NAME',
    'sheaf \\- publish, find, verify and run signed workflows',
    '.SH SYNOPSIS',
    '.B sheaf',
    '.I VERB',
    '[arguments] [\\fB\\-\\-json\\fR] [\\fB\\-\\-help\\fR]',
    '.SH DESCRIPTION',
    text(
      'A workflow is written once, signed and published to a registry that keeps a log of all that was published. Whoever runs it verifies the log, the signature and every byte first.',
    ),
    ...groups,
    ...exitStatus(Object.keys(EXIT_MEANINGS).map(Number)),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(({ name, meaning }) => entry(name, meaning)),
    '.SH FILES',
    ...entry('$XDG_CONFIG_HOME/sheaf', 'configuration, tokens, keys, trust.toml'),
    ...entry('$XDG_STATE_HOME/sheaf', 'pins, agreements and runs'),
    ...entry('$XDG_CACHE_HOME/sheaf', 'what was fetched; may be deleted at any time'),
    ...entry('sheaf.toml, sheaf.lock', 'what a project uses, and the proofs of it'),
    '.SH SEE ALSO',
    text('sheaf help TOPIC says more; sheaf help CODE explains an error.'),
  ]);
}

function renderVerb(verb: AnyVerb, version: string): string {
  const summary = VERBS.find(({ name }) => name === verb.name)?.summary ?? '';
  const commands = 'commands' in verb ? verb.commands : [verb];
  const exits = [...new Set(commands.flatMap(({ exitCodes }) => [...exitCodes, 2]))].sort((a, b) => a - b);
  const sections =
    'commands' in verb ? [text(verb.about), ...verb.commands.flatMap(renderSubCommand)] : [text(verb.about)];
  return page(`sheaf-${verb.name}`, version, [
    '.SH NAME',
    `sheaf\\-${escaped(verb.name)} \\- ${escaped(summary)}`,
    '.SH SYNOPSIS',
    ...commands.flatMap((command, i) => [...(i === 0 ? [] : ['.br']), synopsis(command)]),
    '.SH DESCRIPTION',
    ...sections,
    ...('commands' in verb ? [] : ['.SH OPTIONS', ...[...verb.flags, ...COMMON_FLAGS].flatMap(option)]),
    '.SH EXAMPLES',
    '.nf',
    ...commands.flatMap(({ examples }) => examples).map(text),
    '.fi',
    ...exitStatus(exits),
    '.SH JSON',
    text(`With --json: ${commands.map(({ name }) => schemaName(name)).join(', ')}.`),
    '.SH SEE ALSO',
    '.BR sheaf (1)',
  ]);
}

function renderSubCommand(command: Command): readonly string[] {
  return [
    `.SS ${quoted(`sheaf ${command.name}`)}`,
    text(command.about),
    ...[...command.flags, ...COMMON_FLAGS].flatMap(option),
  ];
}

function synopsis({ name, positionals }: Command): string {
  return `\\fBsheaf ${escaped(name)}\\fR ${escaped([...describeWords(positionals), '[flags]'].join(' '))}`;
}

function option(flag: Flag): readonly string[] {
  return entry(describeFlag(flag), flag.summary);
}

function entry(term: string, meaning: string): readonly string[] {
  return ['.TP', `.B ${escaped(term)}`, text(meaning)];
}

function exitStatus(codes: readonly number[]): readonly string[] {
  const meanings: Readonly<Record<number, string>> = EXIT_MEANINGS;
  return ['.SH EXIT STATUS', ...codes.flatMap((code) => entry(String(code), meanings[code] ?? ''))];
}

function page(name: string, version: string, lines: readonly string[]): string {
  const title = `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(`sheaf ${version}`)} "Sheaf"`;
  return [title, '.nh', '.ad l', ...lines, ''].join('\n');
}

/** A line of text: what begins with a dot or a quote would be a request. */
function text(line: string): string {
  const plain = escaped(line);
  return /^[.']/.test(plain) ? `\\&${plain}` : plain;
}

function escaped(line: string): string {
  return line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('→', '->')
    .replace(
      /[^\x20-\x7e]/g,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

function quoted(word: string): string {
  return `"${escaped(word).replaceAll('"', '\\(dq')}"`;
}
