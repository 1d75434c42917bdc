/**
 * Finds many texts at once in one pass (Aho and Corasick 1975, "Efficient string matching"): a state is the longest end of what was
 * read that begins one of them.
 */
export interface Automaton {
  /** The state after a byte; 0 is the beginning. */
  next(state: number, byte: number): number;
  /** How many of the last bytes may become a find. */
  depth(state: number): number;
  /** The length of the longest find that ends here, 0 for none. */
  found(state: number): number;
}

const BYTES = 256;

export function buildAutomaton(needles: readonly Uint8Array[]): Automaton {
  /** By state and byte. Sparse: a table of all would be 1 KiB for each byte of a secret in each of its forms. */
  const edges = new Map<number, number>();
  const depths = [0];
  const longest = [0];
  const failures = [0];
  for (const needle of needles) {
    let state = 0;
    for (const byte of needle) {
      let to = edges.get(state * BYTES + byte);
      if (to === undefined) {
        to = depths.push((depths[state] ?? 0) + 1) - 1;
        longest.push(0);
        failures.push(0);
        edges.set(state * BYTES + byte, to);
      }
      state = to;
    }
    longest[state] = needle.length;
  }
  const next = (from: number, byte: number): number => {
    for (let state = from; ; state = failures[state] ?? 0) {
      const to = edges.get(state * BYTES + byte);
      if (to !== undefined) return to;
      if (state === 0) return 0;
    }
  };
  // Edges by depth: what a state falls back to is shallower, and so is known before it.
  const byDepth = [...edges].sort(([, left], [, right]) => (depths[left] ?? 0) - (depths[right] ?? 0));
  for (const [key, to] of byDepth) {
    const from = Math.floor(key / BYTES);
    if (from !== 0) failures[to] = next(failures[from] ?? 0, key % BYTES);
    longest[to] = Math.max(longest[to] ?? 0, longest[failures[to] ?? 0] ?? 0);
  }
  return {
    next,
    depth: (state) => depths[state] ?? 0,
    found: (state) => longest[state] ?? 0,
  };
}
