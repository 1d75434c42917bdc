/**
 * Text that others wrote, made safe to print: characters that move the cursor, hide, or reorder what is read
 * (C0, DEL, C1, zero-width, bidi, line separators, tags) become `\u{…}`. Newlines and tabs too.
 */
export function printable(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same for text of several lines: newlines and tabs stay, colour sequences of programs are dropped. */
export function printableLines(text: string): string {
  return text
    .replace(COLOUR_SEQUENCE, '')
    .replaceAll('\r\n', '\n')
    .replace(HIDDEN, (character) =>
      character === '\n' || character === '\t' ? character : printable(character),
    );
}

const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

const COLOUR_SEQUENCE = /\u001b\[[0-9;]{0,32}m/g;
