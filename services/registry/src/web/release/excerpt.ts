/** Characters before the difference that are shown, so that one sees where it is. */
const LEAD = 80;

/**
 * Two texts that differ, each cut to `length` characters that hold the first difference: what is long must not hide what
 * changed. Where the beginning or the end is left out, there is an ellipsis.
 */
export function excerptDifference(
  before: string,
  after: string,
  length: number,
): readonly [before: string, after: string] {
  if (before.length <= length && after.length <= length) return [before, after];
  let same = 0;
  while (same < Math.min(before.length, after.length) && before[same] === after[same]) same += 1;
  const from = Math.max(0, same - LEAD);
  const cut = (text: string): string => {
    const part = text.slice(from, from + length).toWellFormed();
    return `${from > 0 ? '…' : ''}${part}${from + length < text.length ? '…' : ''}`;
  };
  return [cut(before), cut(after)];
}
