/**
 * Longest text that the built-in search may look for. It takes time text × part in the worst case (`aaa…` for `aaa…b…aaa`), ten seconds for
 * 1 MiB and 50 KiB; with so short parts that is no more than it is charged for.
 */
const MAX_NATIVE = 32;

/** Where a part begins first, at `from` or after it, or -1. Linear in the lengths of both. */
export function findFirst(text: string, part: string, from = 0): number {
  if (part.length <= MAX_NATIVE) return text.indexOf(part, from);
  for (const at of findAll(text, part, from)) return at;
  return -1;
}

/** Where a part begins last, at `from` or before it, or -1. Linear in the lengths of both. */
export function findLast(text: string, part: string, from: number): number {
  if (part.length <= MAX_NATIVE) return text.lastIndexOf(part, from);
  let found = -1;
  for (const at of findAll(text.slice(0, from + part.length), part, 0, 'overlapping')) found = at;
  return found;
}

/** Like `split` of strings, linear in the lengths of both. */
export function splitText(text: string, separator: string): string[] {
  if (separator.length <= MAX_NATIVE) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  for (const at of findAll(text, separator, 0)) {
    parts.push(text.slice(start, at));
    start = at + separator.length;
  }
  return [...parts, text.slice(start)];
}

/** Knuth, Morris, Pratt (1977). */
function* findAll(
  text: string,
  part: string,
  from: number,
  overlap: 'overlapping' | 'apart' = 'apart',
): Iterable<number> {
  const borders = bordersOf(part);
  let matched = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    while (matched > 0 && part.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
    if (part.charCodeAt(matched) === code) matched++;
    if (matched < part.length) continue;
    yield at + 1 - part.length;
    matched = overlap === 'apart' ? 0 : (borders[matched - 1] ?? 0);
  }
}

/** For each beginning of a text, the length of the longest that also ends it. */
function bordersOf(part: string): Int32Array {
  const borders = new Int32Array(part.length);
  let length = 0;
  for (let at = 1; at < part.length; at++) {
    const code = part.charCodeAt(at);
    while (length > 0 && part.charCodeAt(length) !== code) length = borders[length - 1] ?? 0;
    if (part.charCodeAt(length) === code) length++;
    borders[at] = length;
  }
  return borders;
}
