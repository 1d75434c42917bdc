/** A word as a POSIX shell reads it back, quoted only when it must be. */
export function quote(word) {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
