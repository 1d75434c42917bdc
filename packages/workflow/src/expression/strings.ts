import { failSyntax, type Token } from './tokens.js';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
};

const OPENING = /([bB]?)([rR]?)("""|'''|"|')/y;

/**
 * Reads a CEL string or bytes literal: single, double or triple quotes, `b` for bytes, `r` for raw. Unlike in CEL a line break may stand
 * in any of them, because the file around an expression often turns `\n` into one first. Reads no further than `until`.
 */
export function readString(text: string, at: number, until: number): Token | undefined {
  OPENING.lastIndex = at;
  const opening = OPENING.exec(text);
  if (opening === null) return undefined;
  const isBytes = opening[1] !== '';
  const isRaw = opening[2] !== '';
  const quote = opening[3] ?? '';
  const parts: (string | number)[] = [];
  let from = at + opening[0].length;
  for (let i = from; i < Math.min(text.length, until); i++) {
    if (text.startsWith(quote, i)) {
      parts.push(text.slice(from, i));
      const range = { start: at, end: i + quote.length };
      return isBytes
        ? { kind: 'bytes', value: encode(parts), ...range }
        : { kind: 'string', value: parts.map(toText).join(''), ...range };
    }
    if (text[i] !== '\\' || isRaw) continue;
    parts.push(text.slice(from, i));
    const escape = readEscape(text, i, isBytes);
    parts.push(escape.value);
    i += escape.length - 1;
    from = i + 1;
  }
  // Longer than any expression may be, which the lexer says.
  if (until < text.length) return { kind: 'string', value: '', start: at, end: until };
  return failSyntax(
    'the text is never closed',
    { start: at, end: at + opening[0].length },
    `close it with ${quote}`,
  );
}

const toText = (part: string | number): string =>
  typeof part === 'string' ? part : String.fromCodePoint(part);

/** Text as UTF-8; in bytes a number is one byte. */
function encode(parts: readonly (string | number)[]): Uint8Array {
  const encoder = new TextEncoder();
  const bytes = parts.flatMap((part) =>
    typeof part === 'number' ? [part] : Array.from(encoder.encode(part)),
  );
  return Uint8Array.from(bytes);
}

function readEscape(
  text: string,
  at: number,
  isBytes: boolean,
): { readonly value: string | number; readonly length: number } {
  const letter = text[at + 1] ?? '';
  if (Object.hasOwn(SIMPLE, letter)) return { value: SIMPLE[letter] ?? '', length: 2 };
  const near = text.slice(at, at + 10);
  const hex = /^\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(near);
  const octal = /^\\([0-3][0-7]{2})/.exec(near);
  const digits = hex?.[1] ?? hex?.[2] ?? hex?.[3];
  const code = digits !== undefined ? Number.parseInt(digits, 16) : Number.parseInt(octal?.[1] ?? '', 8);
  const range = { start: at, end: Math.min(at + 2, text.length) };
  if (Number.isNaN(code)) failSyntax('an unknown escape', range, 'write a backslash as \\\\');
  if (isBytes && (letter === 'u' || letter === 'U')) {
    failSyntax('a character escape in bytes', range, 'write its bytes, each as \\x and two digits');
  }
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    failSyntax('a character that does not exist', range);
  return { value: code, length: (hex ?? octal)?.[0].length ?? 2 };
}
