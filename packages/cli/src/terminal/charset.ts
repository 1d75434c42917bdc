import { widthOf } from './text.js';

/** Signs of sheaf, and what stands for each where it cannot be shown: as wide as the sign, so that columns stay. */
const IN_ASCII = new Map(
  Object.entries({
    '…': '~',
    '·': '-',
    '→': '>',
    '←': '<',
    '↑': '^',
    '↓': 'v',
    '✓': '+',
    '✗': 'x',
    '○': 'o',
    '●': '*',
    '│': '|',
    '─': '-',
    '├': '|',
    '└': '`',
    '┌': '.',
    '“': '"',
    '”': '"',
    '‘': "'",
    '’': "'",
    '–': '-',
    '—': '-',
    '×': 'x',
    '≥': '>',
    '≤': '<',
    '\u00a0': ' ',
  }),
);

/**
 * Whether a terminal takes UTF-8, by its locale: `LC_ALL`, else `LC_CTYPE`, else `LANG`. One that says nothing is taken
 * for one of today.
 */
export function takesUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((each) => (each ?? '') !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}

/** A text in ASCII alone, as wide as before: signs by their likeness, everything else by `?`. */
export function toAscii(text: string): string {
  // Beyond ASCII, a byte of UTF-8 may be a control character to a terminal of another charset.
  return text.replace(/[^\0-\u007f]/gu, (sign) => IN_ASCII.get(sign) ?? '?'.repeat(widthOf(sign)));
}
