import { isDeepStrictEqual } from 'node:util';
import { CliError } from '../frame/errors.js';
import { withFileLock } from './private-files.js';
import { replaceFile } from './replace-file.js';
import {
  parseSettings,
  readSettingsText,
  settingsPath,
  type RegistrySetting,
  type Settings,
} from './settings.js';

/**
 * Gives a registry a name in the text of a `config.toml`, in the place of the one that has it; all else stays.
 *
 * @throws CliError `config.by_hand` when the file is written too unusually to be changed safely
 */
export async function setRegistry(text: string, path: string, setting: RegistrySetting): Promise<string> {
  const before = await parseSettings(text, path);
  const without = cutRegistry(text, setting.name);
  const lines = linesOf(setting);
  const isPlain = lines.length === 1;
  const edited = isPlain ? insertPlain(without, lines[0] ?? '') : append(without, lines);
  const registries = new Map([...before.registries, [setting.name, setting]]);
  return assertEdited(edited, path, { ...before, registries }, lines);
}

/** Takes a registry's name away, and the default with it when it is that. @throws CliError `config.by_hand` */
export async function removeRegistry(text: string, path: string, name: string): Promise<string> {
  const { registry, registries, ...others } = await parseSettings(text, path);
  const rest = new Map([...registries].filter(([each]) => each !== name));
  const isDefault = registry === name;
  const edited = cutRegistry(isDefault ? cutDefault(text) : text, name);
  const expected = {
    ...others,
    ...(isDefault || registry === undefined ? {} : { registry }),
    registries: rest,
  };
  return assertEdited(edited, path, expected, [`(without ${name})`]);
}

/** Makes a name or an address the registry that is used when nothing else names one. @throws CliError `config.by_hand` */
export async function setDefault(text: string, path: string, registry: string): Promise<string> {
  const before = await parseSettings(text, path);
  const line = `registry = ${JSON.stringify(registry)}`;
  return assertEdited(`${line}\n${cutDefault(text)}`, path, { ...before, registry }, [line]);
}

/** What an edit of `config.toml` makes of its text. */
export interface SettingsEdit {
  readonly text: string;
}

/**
 * Changes `config.toml`, whole or not at all, one process after the other: what a change depends on is read by `edit`,
 * from the text it is given.
 *
 * @returns what `edit` returned
 * @throws CliError `file.busy`; the reason of `signal` while it waits
 */
export async function editSettings<T extends SettingsEdit>(
  configDir: string,
  edit: (text: string, path: string) => Promise<T>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<T> {
  const path = settingsPath(configDir);
  const work = async () => {
    const before = await readSettingsText(configDir);
    const edited = await edit(before ?? '', path);
    // One that is kept elsewhere and linked here keeps its place and who may read it.
    const mode = before === undefined ? 0o600 : undefined;
    if (edited.text !== (before ?? '')) await replaceFile(path, edited.text, { mode, sync: true });
    return edited;
  };
  return withFileLock(path, work, { signal });
}

function linesOf({ name, url, spki, account, anonymous }: RegistrySetting): readonly string[] {
  if (spki.length === 0 && account === undefined && anonymous === undefined)
    return [`${name} = ${JSON.stringify(url)}`];
  return [
    `[registries.${name}]`,
    `url = ${JSON.stringify(url)}`,
    ...(spki.length === 0 ? [] : [`spki = [${spki.map((pin) => JSON.stringify(pin)).join(', ')}]`]),
    ...(account === undefined ? [] : [`account = ${JSON.stringify(account)}`]),
    ...(anonymous === undefined ? [] : ['anonymous = true']),
  ];
}

const HEADER = /^\s*\[/;
const REGISTRIES = /^\s*\[\s*registries\s*\]\s*(?:#.*)?$/;

/** Behind the last entry of `[registries]`, which is made when it is missing. */
function insertPlain(text: string, line: string): string {
  const lines = text.split('\n');
  const header = lines.findIndex((each) => REGISTRIES.test(each));
  if (header === -1) return append(text, ['[registries]', line]);
  const end = lines.findIndex((each, i) => i > header && HEADER.test(each));
  const section = lines.slice(header, end === -1 ? undefined : end);
  const last = section.findLastIndex((each) => each.trim() !== '');
  return [...lines.slice(0, header + last + 1), line, ...lines.slice(header + last + 1)].join('\n');
}

function append(text: string, lines: readonly string[]): string {
  const kept = text.trimEnd();
  return `${kept === '' ? '' : `${kept}\n\n`}${lines.join('\n')}\n`;
}

/** Without the line, or the table, of a name. */
function cutRegistry(text: string, name: string): string {
  const entry = new RegExp(`^\\s*(?:${name}|"${name}")\\s*=`);
  const table = new RegExp(`^\\s*\\[\\s*registries\\s*\\.\\s*(?:${name}|"${name}")\\s*\\]\\s*(?:#.*)?$`);
  let where: 'registries' | 'own' | 'other' = 'other';
  const kept = text.split('\n').filter((line) => {
    if (HEADER.test(line)) where = table.test(line) ? 'own' : REGISTRIES.test(line) ? 'registries' : 'other';
    return where !== 'own' && !(where === 'registries' && entry.test(line));
  });
  return kept.join('\n');
}

function cutDefault(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => HEADER.test(line));
  return lines.filter((line, i) => (end !== -1 && i >= end) || !/^\s*registry\s*=/.test(line)).join('\n');
}

/** An edited text, when it says just what it should: a file that is written unusually is not touched. */
async function assertEdited(
  edited: string,
  path: string,
  expected: Settings,
  lines: readonly string[],
): Promise<string> {
  const found = await parseSettings(edited, path).catch(() => undefined);
  if (found !== undefined && isDeepStrictEqual(plain(found), plain(expected))) return edited;
  throw new CliError('config.by_hand', `${path} is written in an unusual way`, {
    hint: ['change it by hand:', ...lines],
  });
}

function plain({ registries, ...others }: Settings): unknown {
  return { ...others, registries: Object.fromEntries(registries) };
}
