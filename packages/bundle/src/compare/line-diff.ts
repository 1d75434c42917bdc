/** A run of lines that both texts have, or only one of them. */
export interface LineRun {
  readonly kind: 'same' | 'removed' | 'added';
  /** First line in the old text, and in the new one, counted from 0. */
  readonly before: number;
  readonly after: number;
  readonly count: number;
}

/** Beyond so many insertions and removals a shorter script is not searched for. */
const MAX_EDITS = 1500;

/**
 * Compares two texts line by line: the shortest edit script of Myers ("An O(ND) difference algorithm and its variations",
 * 1986), in time and memory that are bounded by the edits. Texts that differ in more than 1,500 lines beside their common
 * beginning and end are told as replaced there.
 */
export function diffLines(before: readonly string[], after: readonly string[]): readonly LineRun[] {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < least - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const [old, now] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const runs = createRuns();
  runs.add('same', head);
  const path = findPath(old, now);
  if (path === undefined) {
    runs.add('removed', old.length);
    runs.add('added', now.length);
  } else for (const kind of path) runs.add(kind, 1);
  runs.add('same', tail);
  return runs.list;
}

function createRuns() {
  const list: LineRun[] = [];
  let [before, after] = [0, 0];
  const add = (kind: LineRun['kind'], count: number): void => {
    if (count === 0) return;
    const last = list.at(-1);
    if (last?.kind === kind) list[list.length - 1] = { ...last, count: last.count + count };
    else list.push({ kind, before, after, count });
    if (kind !== 'added') before += count;
    if (kind !== 'removed') after += count;
  };
  return { list, add };
}

/** What becomes of each line, in order; undefined when more edits are needed than are searched for. */
function findPath(old: readonly string[], now: readonly string[]): readonly LineRun['kind'][] | undefined {
  const limit = Math.min(MAX_EDITS, old.length + now.length);
  const reached = new Int32Array(2 * limit + 3);
  const zero = limit + 1;
  /** For each number of edits, how far each diagonal was reached before the last of them. */
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= limit; edits++) {
    trace.push(reached.slice(zero - edits - 1, zero + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const left = reached[zero + diagonal - 1] ?? 0;
      const right = reached[zero + diagonal + 1] ?? 0;
      let x = diagonal === -edits || (diagonal !== edits && left < right) ? right : left + 1;
      while (x < old.length && x - diagonal < now.length && old[x] === now[x - diagonal]) x++;
      reached[zero + diagonal] = x;
      if (x >= old.length && x - diagonal >= now.length) return walkBack(trace, old.length, now.length);
    }
  }
  return undefined;
}

function walkBack(
  trace: readonly Int32Array[],
  oldLength: number,
  newLength: number,
): readonly LineRun['kind'][] {
  const path: LineRun['kind'][] = [];
  let [x, y] = [oldLength, newLength];
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const reached = trace[edits] ?? new Int32Array();
    const at = (diagonal: number) => reached[edits + 1 + diagonal] ?? 0;
    const diagonal = x - y;
    const isDown = diagonal === -edits || (diagonal !== edits && at(diagonal - 1) < at(diagonal + 1));
    const from = isDown ? diagonal + 1 : diagonal - 1;
    const beforeX = at(from);
    const startX = isDown ? beforeX : beforeX + 1;
    while (x > startX) {
      path.push('same');
      x--;
      y--;
    }
    path.push(isDown ? 'added' : 'removed');
    x = beforeX;
    y = beforeX - from;
  }
  for (; x > 0; x--) path.push('same');
  return path.reverse();
}
