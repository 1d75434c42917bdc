import { isDeepStrictEqual } from 'node:util';
import { printable, readTomlDocument, type JsonValue, type TomlDocument } from '@sheaf/workflow';
import { ClientError } from '../errors.js';
import { lineEndingOf } from '../policy/rule-text.js';

/** A table of `sheaf.toml` that is edited in place. */
export type ProjectTable = 'registries' | 'workflows';

/** A line of a table of `sheaf.toml`. */
export interface ProjectEntry {
  readonly table: ProjectTable;
  readonly name: string;
}

/**
 * Writes an entry of `sheaf.toml`, in the place of the one of that name or behind the last of its table; a table that is
 * missing comes to the end of the file. Every other byte stays as it is.
 *
 * @param text the file, which must be a valid one; empty when there is none yet
 * @param file how messages call it
 * @throws ClientError `project.by_hand` for a table that is written too unusually to be changed safely
 */
export function setProjectEntry(
  text: string,
  file: string,
  { table, name, value }: ProjectEntry & { readonly value: string },
): string {
  const written = `${name} = ${JSON.stringify(value)}`;
  const advice = `change it by hand: in [${table}] write  ${written}`;
  const document = read(text, file, advice);
  const entries = findEntries(document, table);
  const known = document.rangeOf([table, name]);
  const edited =
    known !== undefined
      ? splice(text, known.start, known.end, JSON.stringify(value))
      : document.value[table] === undefined
        ? append(text, [`[${table}]`, written])
        : insert(text, document, { table, written, last: entries.at(-1) });
  return assertEdited(edited, file, advice, {
    ...document.value,
    [table]: { ...tableOf(document, table), [name]: value },
  });
}

/**
 * Takes an entry out of `sheaf.toml`, with its line and the comment on it; every other byte stays as it is. What is not
 * there is not taken out.
 *
 * @throws ClientError `project.by_hand`
 */
export function removeProjectEntry(text: string, file: string, { table, name }: ProjectEntry): string {
  const advice = `change it by hand: take ${name} out of [${table}]`;
  const document = read(text, file, advice);
  const values = tableOf(document, table);
  if (!Object.hasOwn(values, name)) return text;
  const entries = findEntries(document, table);
  const at = entries.findIndex((entry) => entry.name === name);
  const entry = entries[at];
  if (entry === undefined) throw byHand(file, advice);
  const edited = isInline(text, document, table)
    ? removeInline(text, entries, at)
    : splice(text, lineStart(text, entry.start), nextLine(text, entry.end), '');
  const rest = Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
  return assertEdited(edited, file, advice, { ...document.value, [table]: rest });
}

interface Entry {
  readonly name: string;
  /** From the key to the end of the value. */
  readonly start: number;
  readonly end: number;
}

/** The entries of a table whose places are known, in the order of the file. */
function findEntries(document: TomlDocument, table: ProjectTable): readonly Entry[] {
  return Object.keys(tableOf(document, table))
    .flatMap((name) => {
      const [key, value] = [document.rangeOf([table, name], 'key'), document.rangeOf([table, name])];
      return key === undefined || value === undefined ? [] : [{ name, start: key.start, end: value.end }];
    })
    .sort((a, b) => a.start - b.start);
}

function tableOf(document: TomlDocument, table: ProjectTable): Readonly<Record<string, JsonValue>> {
  const value = document.value[table];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, JsonValue>>)
    : {};
}

function insert(
  text: string,
  document: TomlDocument,
  {
    table,
    written,
    last,
  }: { readonly table: string; readonly written: string; readonly last?: Entry | undefined },
): string {
  const header = document.rangeOf([table]);
  if (header === undefined) return text;
  if (text[header.start] === '{') {
    if (last !== undefined) return splice(text, last.end, last.end, `, ${written}`);
    return splice(text, header.start, header.end, `{ ${written} }`);
  }
  const line = last ?? header;
  const start = lineStart(text, line.start);
  // What stands before the key: indentation, and in a dotted key the table's name.
  const before = last === undefined ? '' : text.slice(start, last.start);
  const end = text.indexOf('\n', line.end);
  const eol = lineEndingOf(text);
  if (end === -1) return `${text}${eol}${before}${written}${eol}`;
  return splice(text, end + 1, end + 1, `${before}${written}${eol}`);
}

function isInline(text: string, document: TomlDocument, table: string): boolean {
  const range = document.rangeOf([table]);
  return range !== undefined && text[range.start] === '{';
}

function removeInline(text: string, entries: readonly Entry[], at: number): string {
  const [before, entry, after] = [entries[at - 1], entries[at], entries[at + 1]];
  if (entry === undefined) return text;
  if (after !== undefined) return splice(text, entry.start, after.start, '');
  return splice(text, before?.end ?? entry.start, entry.end, '');
}

function append(text: string, lines: readonly string[]): string {
  const eol = lineEndingOf(text);
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
  return `${text}${gap}${lines.join(eol)}${eol}`;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function nextLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

function splice(text: string, start: number, end: number, instead: string): string {
  return text.slice(0, start) + instead + text.slice(end);
}

function read(text: string, file: string, advice: string): TomlDocument {
  const found = readTomlDocument(text);
  if ('problem' in found) throw byHand(file, advice);
  return found.document;
}

/** An edited text, when it says just what it should: a file that is written unusually is not touched. */
function assertEdited(
  edited: string,
  file: string,
  advice: string,
  expected: Readonly<Record<string, JsonValue>>,
): string {
  const found = readTomlDocument(edited);
  // A table of dotted keys is gone with its last entry; an empty one means the same.
  const plain = (value: object): unknown => ({
    ...NOTHING,
    ...(JSON.parse(JSON.stringify(value)) as object),
  });
  if ('problem' in found || !isDeepStrictEqual(plain(found.document.value), plain(expected)))
    throw byHand(file, advice);
  return edited;
}

const NOTHING: Readonly<Record<ProjectTable, object>> = { registries: {}, workflows: {} };

function byHand(file: string, advice: string): ClientError {
  return new ClientError('project.by_hand', `${printable(file, 1000)} is written in an unusual way`, {
    hint: advice,
  });
}
