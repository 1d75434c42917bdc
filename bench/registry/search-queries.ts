/** What a workflow is looked for by. */
export interface Described {
  readonly name: string;
  readonly description: string;
}

/** How people look for things, and how often each way in a hundred. */
const WAYS = [
  [20, 'name'],
  [20, 'beginning'],
  [15, 'typo'],
  [30, 'words'],
  [15, 'mixed'],
] as const;

/**
 * Different queries for workflows of the catalogue, in an order that depends on the seed alone: whole names, beginnings of
 * names, names with a slip of the finger, words of the description, and a word of each.
 */
export function searchQueries(
  described: readonly Described[],
  count: number,
  seed: number,
): readonly string[] {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const queries = new Set<string>();
  for (let tries = 0; queries.size < count && tries < count * 20; tries += 1) {
    const workflow = pick(described);
    if (!workflow) break;
    const { name, description } = workflow;
    const words = description.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 2);
    let chance = random() * 100;
    const way = WAYS.find(([share]) => (chance -= share) < 0)?.[1] ?? 'words';
    queries.add(
      {
        name: () => name,
        beginning: () => name.slice(0, 3 + Math.floor(random() * Math.max(1, name.length - 3))),
        typo: () => slip(name, random),
        words: () => [pick(words), pick(words)].filter((word) => word !== undefined).join(' '),
        mixed: () => `${name.split('-')[0] ?? ''} ${pick(words) ?? ''}`.trim(),
      }[way](),
    );
  }
  queries.delete('');
  return [...queries];
}

/** Two neighbours swapped, or a letter left out, doubled or changed. */
function slip(text: string, random: () => number): string {
  const at = Math.floor(random() * Math.max(1, text.length - 1));
  const [before, here, next, after] = [
    text.slice(0, at),
    text[at] ?? '',
    text[at + 1] ?? '',
    text.slice(at + 2),
  ];
  switch (Math.floor(random() * 4)) {
    case 0:
      return before + next + here + after;
    case 1:
      return before + next + after;
    case 2:
      return before + here + here + next + after;
    default:
      return `${before}${String.fromCharCode(97 + Math.floor(random() * 26))}${next}${after}`;
  }
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
