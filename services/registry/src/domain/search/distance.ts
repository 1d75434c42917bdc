/**
 * How many letters must be inserted, removed, changed or swapped with their neighbour to make one word of the other
 * (optimal string alignment), or undefined when more than `limit`. The words are at most 64 characters; the cost is their
 * length times `limit`.
 */
export function findDistance(a: string, b: string, limit: number): number | undefined {
  if (Math.abs(a.length - b.length) > limit) return undefined;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = new Array<number>(b.length + 1).fill(limit + 1);
    row[0] = i;
    let least = i;
    for (let j = Math.max(1, i - limit); j <= Math.min(b.length, i + limit); j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + (isSame ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, at(before, j - 2) + 1);
      row[j] = cost;
      least = Math.min(least, cost);
    }
    if (least > limit) return undefined;
    before = previous;
    previous = row;
  }
  const distance = at(previous, b.length);
  return distance > limit ? undefined : distance;
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
