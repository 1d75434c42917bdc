/**
 * Text that others wrote, made safe to print: characters that move the cursor, hide, or reorder what is read
 * (controls, zero-width, bidi, line separators, tags) become `\u{…}`. Newlines and tabs too.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(hidden(), (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same for text of several lines: newlines and tabs stay, colour sequences of programs are dropped. */
export function printableLines(text: string): string {
  return text
    .replace(COLOUR_SEQUENCE, '')
    .replaceAll('\r\n', '\n')
    .replace(hidden(), (character) =>
      character === '\n' || character === '\t' ? character : printable(character),
    );
}

/** Printable ASCII, Latin letters, dashes, quotes, dots and arrows: of nearly all texts no more need be asked. */
const PLAIN = /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff]*$/;

/**
 * Controls, format characters (bidi, zero-width, soft hyphen, tags), line separators and lone surrogates. Not made before it is
 * needed: of each of these properties a table is made then.
 */
const hidden = (): RegExp => /[\p{Cc}\p{Cf}\u2028\u2029]|\p{Cs}/gu;

const COLOUR_SEQUENCE = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;]{0,32}m`, 'g');
