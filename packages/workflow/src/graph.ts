/** Edges of a graph over `0 … n-1`: for each node, the nodes it needs. */
export type Needs = readonly (readonly number[])[];

/** Nodes in topological order; among those that are ready the lowest comes first. Undefined when there is a cycle. */
export function sortTopologically(needs: Needs): readonly number[] | undefined {
  const open = needs.map((nodes) => nodes.length);
  const followers: number[][] = needs.map(() => []);
  needs.forEach((nodes, node) => {
    for (const need of nodes) followers[need]?.push(node);
  });
  const ready: number[] = [];
  open.forEach((count, node) => {
    if (count === 0) pushHeap(ready, node);
  });
  const order: number[] = [];
  for (let node = popHeap(ready); node !== undefined; node = popHeap(ready)) {
    order.push(node);
    for (const follower of followers[node] ?? []) {
      const left = (open[follower] ?? 0) - 1;
      open[follower] = left;
      if (left === 0) pushHeap(ready, follower);
    }
  }
  return order.length === needs.length ? order : undefined;
}

/**
 * Cycles that share no node, at least one of each tangle. Each lists its nodes so that each needs the next and the last needs the first,
 * and begins with its lowest.
 */
export function findCycles(needs: Needs): readonly (readonly number[])[] {
  const state = new Uint8Array(needs.length);
  const cycles: (readonly number[])[] = [];
  const placeOf = new Uint32Array(needs.length);
  for (let root = 0; root < needs.length; root++) {
    if (state[root] !== 0) continue;
    const path: Visit[] = [{ node: root, next: 0, taken: 0 }];
    placeOf[root] = 0;
    state[root] = 1;
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const need = needs[top.node]?.[top.next++];
      if (need === undefined) {
        state[top.node] = 2;
        path.pop();
      } else if (state[need] === 0) {
        state[need] = 1;
        placeOf[need] = path.length;
        path.push({ node: need, next: 0, taken: top.taken });
      } else if (state[need] === 1) {
        const start = placeOf[need] ?? 0;
        if (top.taken > (path[start - 1]?.taken ?? 0)) continue;
        const cycle = path.slice(start);
        cycle.forEach((visit, at) => (visit.taken += at + 1));
        cycles.push(rotate(cycle.map(({ node }) => node)));
      }
    }
  }
  return cycles;
}

/** A node on the way that the search has come. */
interface Visit {
  readonly node: number;
  /** The need to follow next. */
  next: number;
  /** How many nodes up to this one are on a cycle already. */
  taken: number;
}

function rotate(cycle: readonly number[]): readonly number[] {
  const at = cycle.indexOf(cycle.reduce((low, node) => Math.min(low, node)));
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}

function pushHeap(heap: number[], value: number): void {
  heap.push(value);
  for (let at = heap.length - 1; at > 0;) {
    const parent = (at - 1) >> 1;
    if ((heap[parent] ?? 0) <= (heap[at] ?? 0)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function popHeap(heap: number[]): number | undefined {
  const [lowest] = heap;
  const last = heap.pop();
  if (lowest === undefined || last === undefined || heap.length === 0) return lowest;
  heap[0] = last;
  for (let at = 0; ;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    let least = at;
    if (left < heap.length && (heap[left] ?? 0) < (heap[least] ?? 0)) least = left;
    if (right < heap.length && (heap[right] ?? 0) < (heap[least] ?? 0)) least = right;
    if (least === at) return lowest;
    swap(heap, at, least);
    at = least;
  }
}

function swap(heap: number[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b] ?? 0, heap[a] ?? 0];
}
