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

/**
 * Reads a CEL string literal: single, double or triple quotes, `r` for raw. Unlike in CEL a line break may stand in any of them, because the
 * file around an expression often turns `\n` into one first.
 */
export function readString(text: string, at: number): Token | undefined {
  const opening = /^([rR]?)("""|'''|"|')/.exec(text.slice(at, at + 4));
  if (opening === null) {
    if (/^(?:[bB][rR]?|[rR][bB])["']/.test(text.slice(at, at + 3))) {
      failSyntax('byte strings are not supported', { start: at, end: at + 2 }, 'leave out the b');
    }
    return undefined;
  }
  const isRaw = opening[1] !== '';
  const quote = opening[2] ?? '';
  let from = at + opening[0].length;
  let value = '';
  for (let i = from; i < text.length; i++) {
    if (text.startsWith(quote, i)) {
      value += text.slice(from, i);
      return { kind: 'string', value, start: at, end: i + quote.length };
    }
    if (text[i] !== '\\' || isRaw) continue;
    value += text.slice(from, i);
    const escape = readEscape(text, i);
    value += escape.value;
    i += escape.length - 1;
    from = i + 1;
  }
  return failSyntax(
    'the text is never closed',
    { start: at, end: at + opening[0].length },
    `close it with ${quote}`,
  );
}

function readEscape(text: string, at: number): { readonly value: string; readonly length: number } {
  const letter = text[at + 1] ?? '';
  if (Object.hasOwn(SIMPLE, letter)) return { value: SIMPLE[letter] ?? '', length: 2 };
  const near = text.slice(at, at + 10);
  const hex = /^\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(near);
  const octal = /^\\([0-3][0-7]{2})/.exec(near);
  const digits = hex?.[1] ?? hex?.[2] ?? hex?.[3];
  const code = digits !== undefined ? Number.parseInt(digits, 16) : Number.parseInt(octal?.[1] ?? '', 8);
  const range = { start: at, end: Math.min(at + 2, text.length) };
  if (Number.isNaN(code)) failSyntax('an unknown escape', range, 'write a backslash as \\\\');
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    failSyntax('a character that does not exist', range);
  return { value: String.fromCodePoint(code), length: (hex ?? octal)?.[0].length ?? 2 };
}
