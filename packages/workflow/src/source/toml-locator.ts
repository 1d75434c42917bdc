import { tomlOffsets, type OffsetMap } from './string-offsets.js';
import { scanItems, scanLine, scanPair, scanPairs, skipBlank, type ScannedKey } from './toml-scan.js';
import { MAX_DEPTH, type Location, type Path, type SourceRange, type SourceTree } from './tree.js';

/** Parts of values that places are kept of. Nothing that runs has this many: those beyond have the place of what is around them. */
const MAX_PARTS = 60_000;

/**
 * Finds where a path is written in a TOML text that has been read without a fault. The text is walked over when the first place is
 * asked for, and only for its headers; what stands in a table or a value when something in there is.
 */
export function createTomlLocator(text: string): SourceTree['locate'] {
  let index: TomlIndex | undefined;
  return (path) => {
    index ??= indexToml(text);
    return index.find(path);
  };
}

/** The tables of a text. */
export interface TomlIndex {
  readonly find: (path: Path) => Location | undefined;
  /** The table that the end of the text belongs to. */
  readonly last: Path;
}

interface Node {
  children?: Map<string, Node>;
  key?: SourceRange | undefined;
  value?: SourceRange;
  location?: Location | undefined;
  /** Places of tables whose pairs are not read yet, and of a list or an inline table that is not. */
  unread?: SourceRange[];
  /** Of an array of tables: the index of the newest. */
  newest?: number;
}

export function indexToml(text: string): TomlIndex {
  const root: Node = {};
  let path: Path = [];
  let table: { readonly node: Node; readonly start: number } | undefined = { node: root, start: 0 };
  const close = (end: number): void => {
    if (table !== undefined && end > table.start)
      (table.node.unread ??= []).push({ start: table.start, end });
  };
  let at = skipBlank(text, text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0);
  while (at < text.length) {
    const line = scanLine(text, at);
    if (line === undefined) break;
    if (line.kind === 'header') {
      close(at);
      const opened = openTable(root, line.key, line.isArray);
      path = opened.path;
      table =
        line.key.isWhole && path.length <= MAX_DEPTH ? { node: opened.node, start: line.end } : undefined;
    }
    at = skipBlank(text, line.kind === 'header' ? line.end : line.value.end);
  }
  close(text.length);
  let partsLeft = MAX_PARTS;
  const isLeft = (): boolean => (partsLeft -= 1) >= 0;
  const find: TomlIndex['find'] = (wanted) => {
    let node = root;
    for (const part of wanted) {
      for (const range of node.unread?.splice(0) ?? []) readParts(text, node, range, isLeft);
      const next = node.children?.get(String(part));
      if (next === undefined) return undefined;
      node = next;
    }
    node.location ??= locationOf(text, node);
    return node.location;
  };
  return { find, last: path };
}

const BYTE_ORDER_MARK = 0xfeff;

/** The table that a header names: of arrays of tables on the way the newest, and at the end a new one. */
function openTable(
  root: Node,
  { parts }: ScannedKey,
  isArray: boolean,
): { readonly node: Node; readonly path: Path } {
  const path: (string | number)[] = [];
  let node = root;
  for (const [depth, { name, range }] of parts.entries()) {
    node = childOf(node, name);
    path.push(name);
    place(node, range, range);
    if (isArray && depth === parts.length - 1) node.newest = (node.newest ?? -1) + 1;
    if (node.newest === undefined) continue;
    path.push(node.newest);
    node = childOf(node, String(node.newest));
    place(node, range, range);
  }
  return { node, path };
}

/** Reads the pairs of a table, or what a value holds. */
function readParts(text: string, node: Node, range: SourceRange, isLeft: () => boolean): void {
  const add = ({ key, value }: NonNullable<ReturnType<typeof scanPair>>): boolean => {
    if (!isLeft()) return false;
    addPair(text, node, key, value);
    return true;
  };
  const isValue = node.value?.start === range.start;
  if (isValue && text[range.start] === '{') scanPairs(text, range.start, add);
  else if (isValue) {
    let index = 0;
    scanItems(text, range.start, (item) => {
      if (!isLeft()) return false;
      addValue(text, childOf(node, String(index)), undefined, item);
      index += 1;
      return true;
    });
  } else {
    for (let at = skipBlank(text, range.start); at < range.end;) {
      const pair = scanPair(text, at);
      if (pair === undefined || !add(pair)) return;
      at = skipBlank(text, pair.value.end);
    }
  }
}

function addPair(text: string, table: Node, { parts, isWhole }: ScannedKey, value: SourceRange): void {
  let node = table;
  for (const [depth, { name, range }] of parts.entries()) {
    node = childOf(node, name);
    if (isWhole && depth === parts.length - 1) addValue(text, node, range, value);
    else place(node, range, range);
  }
}

function addValue(text: string, node: Node, key: SourceRange | undefined, value: SourceRange): void {
  place(node, key, value);
  const first = text[value.start];
  if (first === '[' || first === '{') node.unread = [value];
}

/** What stands first in the text counts, in whatever order it is read. */
function place(node: Node, key: SourceRange | undefined, value: SourceRange): void {
  const known = node.key ?? node.value;
  if (known !== undefined && known.start <= (key ?? value).start) return;
  node.key = key;
  node.value = value;
  delete node.location;
}

function childOf(node: Node, name: string): Node {
  node.children ??= new Map();
  const known = node.children.get(name);
  if (known !== undefined) return known;
  const made: Node = {};
  node.children.set(name, made);
  return made;
}

function locationOf(text: string, { key, value }: Node): Location | undefined {
  if (value === undefined) return undefined;
  let offsets: OffsetMap | undefined;
  return {
    key,
    value,
    offsetOf: (offset) => {
      offsets ??= tomlOffsets(text.slice(value.start, value.end));
      const inside = offsets(offset);
      return inside === undefined ? undefined : value.start + inside;
    },
  };
}
