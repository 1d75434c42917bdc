/**
 * A word as it may stand in a command that people paste into a shell: quoted unless it is plain. A caret is, behind something:
 * references have it, as in `acme/deploy@^1.2`; all else that ranges are made of is read by shells.
 */
export function shellWord(word: string): string {
  return /^[\w./:@%+,-][\w./:@%+,^-]*$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
