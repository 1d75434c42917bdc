import { parseTOML, type AST } from 'toml-eslint-parser';

import { createTomlLocator } from './toml-locator.js';
import type { Path, SourceRange } from './tree.js';

/** A key that a document defines twice: where it stands again, and where it stood first. */
export interface Duplicate {
  readonly name: string;
  readonly again: SourceRange;
  readonly first: SourceRange | undefined;
}

/**
 * Finds what the key at `offset` is called, and where it was defined before. All that stands before its line has been read without
 * a fault, so that it can be read again for its places. Undefined where the line is more than a key or a header.
 */
export function findTomlDuplicate(text: string, offset: number): Duplicate | undefined {
  const lineStart = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const lineEnd = text.indexOf('\n', lineStart);
  const line = text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd);
  const before = text.slice(0, lineStart);
  try {
    const written = readKey(line);
    if (written === undefined) return undefined;
    const base = written.isHeader ? [] : baseOf(before);
    const path = [...base, ...written.path];
    const found = createTomlLocator(before)(path);
    return {
      name: written.path.map(String).join('.'),
      again: { start: lineStart + written.range.start, end: lineStart + written.range.end },
      first: found?.key,
    };
  } catch {
    // Not a line by itself: a part of an inline table or of a list.
    return undefined;
  }
}

function readKey(
  line: string,
): { readonly path: Path; readonly range: SourceRange; readonly isHeader: boolean } | undefined {
  const isHeader = line.trimStart().startsWith('[');
  const equals = /^(?:[^"'=#]|"(?:[^"\\]|\\.)*"|'[^']*')*=/.exec(line)?.[0];
  if (!isHeader && equals === undefined) return undefined;
  const [node] = parseTOML(isHeader ? line : `${equals ?? ''} 0`, { tomlVersion: '1.1' }).body[0].body;
  if (node === undefined) return undefined;
  const range = { start: node.key.range[0], end: node.key.range[1] };
  if (node.type === 'TOMLTable') return { path: node.resolvedKey, range, isHeader };
  return { path: node.key.keys.map(nameOf), range, isHeader };
}

function nameOf(part: AST.TOMLKey['keys'][number]): string {
  return part.type === 'TOMLBare' ? part.name : part.value;
}

/** The table that the last line of a text belongs to. */
function baseOf(text: string): Path {
  const last = parseTOML(text, { tomlVersion: '1.1' }).body[0].body.at(-1);
  return last?.type === 'TOMLTable' ? last.resolvedKey : (tableAround(last) ?? []);
}

function tableAround(node: AST.TOMLTable | AST.TOMLKeyValue | undefined): Path | undefined {
  const parent = node?.parent;
  return parent?.type === 'TOMLTable' ? parent.resolvedKey : undefined;
}
