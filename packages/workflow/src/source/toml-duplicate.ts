import { indexToml } from './toml-locator.js';
import { scanKey, scanLine, skipBlank } from './toml-scan.js';
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
  const written = readKey(text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd));
  if (written === undefined) return undefined;
  const { last, find } = indexToml(text.slice(0, lineStart));
  const found = find([...(written.isHeader ? [] : last), ...written.path]);
  return {
    name: written.path.map(String).join('.'),
    again: { start: lineStart + written.range.start, end: lineStart + written.range.end },
    first: found?.key,
  };
}

function readKey(
  line: string,
): { readonly path: Path; readonly range: SourceRange; readonly isHeader: boolean } | undefined {
  const start = skipBlank(line, 0);
  const isHeader = line[start] === '[';
  const scanned = scanLine(line, start);
  if (scanned === undefined) return undefined;
  const { parts, end } = isHeader && scanned.kind === 'header' ? scanned.key : scanKey(line, start);
  const [first] = parts;
  if (first === undefined) return undefined;
  return { path: parts.map(({ name }) => name), range: { start: first.range.start, end }, isHeader };
}
