import { parseTOML, type AST } from 'toml-eslint-parser';

import { createPlaces, type Places } from './places.js';
import { tomlOffsets, type OffsetMap } from './string-offsets.js';
import { MAX_DEPTH, type Path, type SourceRange, type SourceTree } from './tree.js';

/** The parser with positions takes some 10 µs for each key or item. Nothing that runs has this many: beyond it findings stand at 1:1. */
const MAX_PARTS = 60_000;

/** Finds where a path is written. The text is parsed a second time, for positions, only when the first place is asked for. */
export function createTomlLocator(text: string): SourceTree['locate'] {
  let index: Places | undefined;
  return (path) => {
    index ??= indexToml(text);
    return index.find(path);
  };
}

function indexToml(text: string): Places {
  const index = createPlaces();
  if (text.split(/[=[,]/, MAX_PARTS + 1).length > MAX_PARTS) return index;
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text, { tomlVersion: '1.1' });
  } catch {
    // The two parsers disagree about this text: it has been read, only its places stay unknown.
    return index;
  }
  const top = program.body[0];
  for (const node of top.body) {
    if (node.type === 'TOMLKeyValue') {
      addKeyValue(index, [], node, text);
      continue;
    }
    const parts = node.key.keys;
    // Deeper places are never asked for, and a key of thousands of parts would be indexed in quadratic time.
    node.resolvedKey.slice(0, MAX_DEPTH + 1).forEach((_, depth) => {
      const path = node.resolvedKey.slice(0, depth + 1);
      const named = path.filter((part) => typeof part === 'string').length;
      const key = rangeOf(parts[Math.min(named, parts.length) - 1] ?? node.key);
      index.set(path, { key, value: key, offsetOf: () => undefined });
    });
    if (node.resolvedKey.length > MAX_DEPTH) continue;
    for (const pair of node.body) addKeyValue(index, node.resolvedKey, pair, text);
  }
  return index;
}

function addKeyValue(index: Places, base: Path, node: AST.TOMLKeyValue, text: string): void {
  const path = [...base];
  const last = node.key.keys.length - 1;
  node.key.keys.slice(0, MAX_DEPTH + 1).forEach((part, depth) => {
    path.push(part.type === 'TOMLBare' ? part.name : part.value);
    const key = rangeOf(part);
    if (depth < last) index.set(path, { key, value: key, offsetOf: () => undefined });
    else addValue(index, path, key, node.value, text);
  });
}

function addValue(
  index: Places,
  path: Path,
  key: SourceRange | undefined,
  node: AST.TOMLContentNode,
  text: string,
): void {
  const value = rangeOf(node);
  let offsets: OffsetMap | undefined;
  index.set(path, {
    key,
    value,
    offsetOf: (offset) => {
      offsets ??= tomlOffsets(text.slice(value.start, value.end));
      const inside = offsets(offset);
      return inside === undefined ? undefined : value.start + inside;
    },
  });
  if (node.type === 'TOMLArray') {
    node.elements.forEach((element, at) => {
      addValue(index, [...path, at], undefined, element, text);
    });
  } else if (node.type === 'TOMLInlineTable') {
    for (const pair of node.body) addKeyValue(index, path, pair, text);
  }
}

function rangeOf(node: AST.HasLocs): SourceRange {
  return { start: node.range[0], end: node.range[1] };
}
