/**
 * Whether a name fits a pattern in which `*` stands for any run of characters. Runs in time linear in the name for
 * each part between stars, and never goes back over a star.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  const middle = name.slice(first.length, name.length - last.length);
  let from = 0;
  // The earliest place of each part leaves the most room for those after it.
  for (const part of rest) {
    const at = middle.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return true;
}

/** How closely a pattern names: its characters other than stars; a pattern without a star names closest. */
export function specificityOf(pattern: string): number {
  const literal = pattern.replaceAll('*', '').length;
  return 2 * literal + (literal === pattern.length ? 1 : 0);
}
