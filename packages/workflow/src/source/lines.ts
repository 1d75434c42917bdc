/** Turns offsets into 1-based lines and columns (UTF-16 units) and back. */
export interface Lines {
  readonly positionAt: (offset: number) => { readonly line: number; readonly column: number };
  readonly offsetAt: (line: number, column: number) => number;
}

/** Indexes the line starts of a text; `\n` and `\r\n` end a line. */
export function createLines(text: string): Lines {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return {
    positionAt: (offset) => {
      const within = Math.min(Math.max(offset, 0), text.length);
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= within) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: within - (starts[low] ?? 0) + 1 };
    },
    offsetAt: (line, column) => Math.min((starts[line - 1] ?? text.length) + column - 1, text.length),
  };
}
