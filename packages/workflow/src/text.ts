// Controls, format characters (bidi, zero-width, soft hyphen, tags), line separators and lone surrogates: what can forge or hide output.
// Not made before it is needed: of each of these properties a table is made then.
const unsafe = (): RegExp => /[\p{Cc}\p{Cf}\u2028\u2029]|\p{Cs}/gu;
const PLAIN = /^[ -~]*$/;

/** Untrusted text as one harmless line: what could move the cursor or reorder text is shown as `\u{…}`. */
export function printable(text: string, maxLength = 80): string {
  const short = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  if (PLAIN.test(short)) return short;
  return short.replace(unsafe(), (c) =>
    c === '\n' ? '\\n' : `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** With a small first letter, unless the first word is a name like `SemVer` or `TOML`. */
export function lowerFirst(text: string): string {
  return text.replace(/^[A-Z](?=[a-z]*(?:[^A-Za-z]|$))/, (letter) => letter.toLowerCase());
}

/** {@link printable} text in backticks, for the names of things in messages. */
export function tick(text: string, maxLength = 80): string {
  return `\`${printable(text, maxLength)}\``;
}

/** {@link printable} text in double quotes, for the values in messages. */
export function quote(text: string, maxLength = 80): string {
  return `"${printable(text, maxLength)}"`;
}
