/** Turns an offset in a decoded string into one in the token it was written as. Undefined where that is not known. */
export type OffsetMap = (decodedOffset: number) => number | undefined;

/** For a TOML string token (with its quotes). For what is no string nothing is known. */
export function tomlOffsets(token: string): OffsetMap {
  const quote = token[0];
  if (quote !== '"' && quote !== "'") return () => undefined;
  const isMultiline = token.length >= 6 && token.startsWith(quote.repeat(3));
  let start = isMultiline ? 3 : 1;
  if (isMultiline) start += token.startsWith('\r\n', start) ? 2 : token.startsWith('\n', start) ? 1 : 0;
  if (quote === "'") return (offset) => start + offset;
  return lookUp(escapedOffsets(token, start, isMultiline));
}

/** For a YAML flow scalar. */
export function yamlOffsets(token: string, style: 'plain' | 'single' | 'double', decoded: string): OffsetMap {
  if (token.includes('\n')) return foldedOffsets(token, decoded, style);
  if (style === 'plain') return (offset) => offset;
  if (style === 'double') return lookUp(escapedOffsets(token, 1, false));
  const offsets = [];
  for (let at = 1; at < token.length; at += token[at] === "'" ? 2 : 1) offsets.push(at);
  return lookUp(offsets);
}

/**
 * For a YAML scalar whose lines are folded: a flow scalar of several lines, or a block (`>`), given from its header line on. Both are walked
 * side by side; white space with a line break in it stands for what it was folded to. With escapes in it nothing is known.
 */
export function foldedOffsets(
  token: string,
  decoded: string,
  style: 'plain' | 'single' | 'double' | 'block',
): OffsetMap {
  if (style === 'double' && token.includes('\\')) return () => undefined;
  const offsets: number[] = [];
  let at = style === 'block' ? token.indexOf('\n') + 1 : style === 'plain' ? 0 : 1;
  while (offsets.length < decoded.length) {
    const run = spaceAt(token, at);
    const isFolded = run.includes('\n') || offsets.length === 0;
    const made = isFolded ? spaceAt(decoded, offsets.length).length : run.length;
    for (let i = 0; i < made; i++) offsets.push(at + (isFolded ? 0 : i));
    at += run.length;
    if (offsets.length >= decoded.length) break;
    if (token[at] !== decoded[offsets.length]) return () => undefined;
    offsets.push(at);
    at += style === 'single' && token[at] === "'" ? 2 : 1;
  }
  return lookUp([...offsets, at]);
}

const SPACES = /[ \t\r\n]*/y;

function spaceAt(text: string, at: number): string {
  SPACES.lastIndex = at;
  return SPACES.exec(text)?.[0] ?? '';
}

/** For the content of a YAML literal block (`|`), given from its header line on. */
export function yamlBlockOffsets(token: string, decoded: string): OffsetMap {
  const tokenStarts = lineStarts(token);
  const decodedStarts = lineStarts(decoded);
  const tokenLines = token.split(/\r?\n/).slice(1);
  const decodedLines = decoded.split('\n');
  const first = decodedLines.findIndex((line) => line !== '');
  // Not the spaces before the first line: some of them may belong to the text.
  const indent = (tokenLines[first]?.length ?? 0) - (decodedLines[first]?.length ?? 0);
  return (offset) => {
    const row = lastAtMost(decodedStarts, offset);
    const start = tokenStarts[row + 1];
    return start === undefined ? undefined : start + indent + offset - (decodedStarts[row] ?? 0);
  };
}

function lookUp(offsets: readonly number[]): OffsetMap {
  return (offset) => offsets[Math.min(offset, offsets.length - 1)];
}

/** Where each decoded UTF-16 unit begins, and where the last one ends: one walk for all that is asked about a string. */
function escapedOffsets(token: string, start: number, folds: boolean): readonly number[] {
  const offsets: number[] = [];
  let at = start;
  while (at < token.length) {
    if (token[at] !== '\\') {
      offsets.push(at++);
      continue;
    }
    const next = folds ? skipFold(token, at + 1) : undefined;
    if (next !== undefined) {
      at = next;
      continue;
    }
    const escape = token[at + 1] ?? '';
    const digits = escape === 'x' ? 2 : escape === 'u' ? 4 : escape === 'U' ? 8 : 0;
    const code = digits === 0 ? 0 : Number.parseInt(token.slice(at + 2, at + 2 + digits), 16);
    offsets.push(at);
    if (code > 0xffff) offsets.push(at);
    at += 2 + digits;
  }
  return [...offsets, Math.min(at, token.length)];
}

/** The end of the white space that a backslash at the end of a line takes away, if this is one. */
function skipFold(token: string, from: number): number | undefined {
  let at = from;
  let hasLine = false;
  for (let c = token[at]; c === ' ' || c === '\t' || c === '\r' || c === '\n'; c = token[++at]) {
    hasLine ||= c === '\n';
  }
  return hasLine ? at : undefined;
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lastAtMost(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
