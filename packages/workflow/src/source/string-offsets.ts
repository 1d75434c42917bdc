/**
 * Offset in a TOML string token (with its quotes) that the decoded offset comes from. Undefined for what is no string
 * or has no such offset.
 */
export function tomlOffset(token: string, decodedOffset: number): number | undefined {
  const quote = token[0];
  if (quote !== '"' && quote !== "'") return undefined;
  const isMultiline = token.length >= 6 && token.startsWith(quote.repeat(3));
  let at = isMultiline ? 3 : 1;
  if (isMultiline) at += token.startsWith('\r\n', at) ? 2 : token.startsWith('\n', at) ? 1 : 0;
  if (quote === "'") return at + decodedOffset;
  return walkEscapes(token, at, decodedOffset, isMultiline);
}

/** The same for a YAML flow scalar on one line. */
export function yamlOffset(
  token: string,
  style: 'plain' | 'single' | 'double',
  decodedOffset: number,
): number | undefined {
  if (token.includes('\n')) return undefined;
  if (style === 'plain') return decodedOffset;
  if (style === 'double') return walkEscapes(token, 1, decodedOffset, false);
  let at = 1;
  for (let decoded = 0; decoded < decodedOffset && at < token.length; decoded++) {
    at += token[at] === "'" ? 2 : 1;
  }
  return at;
}

/** The same for the content of a YAML literal block (`|`), given from its header line on. */
export function yamlBlockOffset(token: string, decodedOffset: number, decoded: string): number | undefined {
  const before = decoded.slice(0, decodedOffset);
  const row = before.split('\n').length;
  const column = decodedOffset - (before.lastIndexOf('\n') + 1);
  const lines = token.split('\n');
  const indent =
    lines
      .slice(1)
      .find((line) => line.trim() !== '')
      ?.search(/\S/) ?? 0;
  if (row >= lines.length) return undefined;
  const start = lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, 0);
  return start + indent + column;
}

function walkEscapes(token: string, start: number, decodedOffset: number, folds: boolean): number {
  let at = start;
  let decoded = 0;
  while (decoded < decodedOffset && at < token.length) {
    if (token[at] !== '\\') {
      at++;
      decoded++;
      continue;
    }
    const escape = token[at + 1] ?? '';
    const fold = folds ? /^[ \t]*\r?\n[ \t\r\n]*/.exec(token.slice(at + 1, at + 2000)) : null;
    if (fold !== null) {
      at += 1 + fold[0].length;
      continue;
    }
    const digits = escape === 'x' ? 2 : escape === 'u' ? 4 : escape === 'U' ? 8 : 0;
    const code = digits === 0 ? 0 : Number.parseInt(token.slice(at + 2, at + 2 + digits), 16);
    decoded += code > 0xffff ? 2 : 1;
    at += 2 + digits;
  }
  return at;
}
