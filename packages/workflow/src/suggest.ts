/** The candidate nearest to a mistyped word, if one is near enough; ties go to the first. Looks at the first 1,000 candidates only. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const limit = word.length <= 3 ? 1 : word.length <= 7 ? 2 : 3;
  const folded = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = limit + 1;
  let seen = 0;
  // Folding may lengthen a text, never to more than three times as much.
  const row = () => new Uint8Array(3 * (MAX_LENGTH + limit) + 2);
  const rows: Rows = [row(), row(), row()];
  for (const candidate of candidates) {
    if (++seen > MAX_CANDIDATES) break;
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const found = distance(folded, candidate.toLowerCase(), bestDistance - 1, rows);
    if (found < bestDistance && found < Math.max(word.length, candidate.length)) {
      bestDistance = found;
      best = candidate;
    }
  }
  return best;
}

const MAX_LENGTH = 64;
const MAX_CANDIDATES = 1000;

type Rows = readonly [Uint8Array, Uint8Array, Uint8Array];

/**
 * Damerau-Levenshtein distance in its optimal string alignment form: a swap of neighbours counts one. What is more than
 * `limit` is not told apart, so that only a band of the table is filled (Ukkonen 1985).
 */
function distance(a: string, b: string, limit: number, rows: Rows): number {
  const far = limit + 1;
  let [beforeLast, last, row] = rows;
  beforeLast.fill(far);
  for (let j = 0; j <= b.length + 1; j++) last[j] = Math.min(j, far);
  let lastLeast = 0;
  for (let i = 1; i <= a.length; i++) {
    const from = Math.max(1, i - limit);
    const to = Math.min(b.length, i + limit);
    row[from - 1] = from === 1 ? Math.min(i, far) : far;
    let least = row[from - 1] ?? far;
    for (let j = from; j <= to; j++) {
      const x = a.charCodeAt(i - 1);
      const y = b.charCodeAt(j - 1);
      let cost = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (x === y ? 0 : 1),
        far,
      );
      if (i > 1 && j > 1 && x === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === y) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row[j] = cost;
      least = Math.min(least, cost);
    }
    row[to + 1] = far;
    // A swap looks two rows back.
    if (least > limit && lastLeast > limit) return far;
    lastLeast = least;
    [beforeLast, last, row] = [last, row, beforeLast];
  }
  return last[b.length] ?? far;
}
