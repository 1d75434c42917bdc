/**
 * A glob as a nondeterministic automaton, one bit a state: state `i` holds when what has been read matches the first `i`
 * tokens. All states advance at once (Baeza-Yates and Gonnet 1992), so that no glob makes any path slow.
 */
export interface GlobProgram {
  /** Words of 32 states. */
  readonly words: number;
  /** The row of each ASCII character in `moves`, and of others that the glob spells out; row 0 is for the rest. */
  readonly asciiRows: Uint8Array;
  readonly otherRows: ReadonlyMap<number, number>;
  /** By row: the states that the character moves on. */
  readonly moves: Int32Array;
  /** The states that stay as they are on a character, and on a slash. */
  readonly stays: Int32Array;
  readonly staysOnSlash: Int32Array;
  /** `*`, which may be passed at once, and `**`, which may be passed where a segment begins. */
  readonly stars: Int32Array;
  readonly folders: Int32Array;
  readonly accepting: Int32Array;
}

type Token = '*' | '?' | '**/' | '/**' | number;

const SLASH = 47;

/** Words of 32 states that a glob takes: what one character of a path costs. */
export function wordsOf(glob: string): number {
  return (glob.length >> 5) + 1;
}

/** Compiles a glob that is known to be well-formed, of at most 200 characters. */
export function compileProgram(glob: string): GlobProgram {
  const words = wordsOf(glob);
  const tokens = tokensOf(glob);
  const spelled = new Set([SLASH, ...tokens.filter((token) => typeof token === 'number')]);
  const rows = new Map([...spelled].map((code, at) => [code, at + 1]));
  const moves = new Int32Array((rows.size + 1) * words);
  const mask = () => new Int32Array(words);
  const program = { stays: mask(), staysOnSlash: mask(), stars: mask(), folders: mask(), accepting: mask() };
  tokens.forEach((token, state) => {
    if (typeof token === 'number') {
      set(moves, (rows.get(token) ?? 0) * words, state);
    } else if (token === '?') {
      for (const [code, row] of [[0, 0] as const, ...rows])
        if (code !== SLASH) set(moves, row * words, state);
    } else {
      set(program.stays, 0, state);
      if (token !== '*') set(program.staysOnSlash, 0, state);
      if (token === '*') set(program.stars, 0, state);
      if (token === '**/') set(program.folders, 0, state);
    }
  });
  if (tokens.at(-1) === '/**') {
    set(program.accepting, 0, tokens.length - 1);
    // What stands before a final `/**` matches alone too: no folder is also a number of folders.
    if (tokens.length > 1) set(program.accepting, 0, tokens.length - 2);
  } else {
    set(program.accepting, 0, tokens.length);
  }
  const asciiRows = new Uint8Array(128);
  for (const [code, row] of rows) if (code < asciiRows.length) asciiRows[code] = row;
  return { words, asciiRows, otherRows: rows, moves, ...program };
}

/** One token a state. A `**` after another says nothing more. */
function tokensOf(glob: string): readonly Token[] {
  const segments = glob.split('/').filter((segment, at, all) => segment !== '**' || all[at - 1] !== '**');
  return segments.flatMap((segment, at): readonly Token[] => {
    const isLast = at === segments.length - 1;
    if (segment === '**') return [isLast ? '/**' : '**/'];
    const tokens = Array.from(segment, (character): Token =>
      character === '*' || character === '?' ? character : (character.codePointAt(0) ?? 0),
    );
    return isLast ? tokens : [...tokens, SLASH];
  });
}

function set(mask: Int32Array, from: number, state: number): void {
  const word = from + (state >> 5);
  mask[word] = (mask[word] ?? 0) | (1 << (state & 31));
}

/** Does the whole path match? Adds the words it has touched to `work`, at most `words` × (path length + 1). */
export function runProgram(program: GlobProgram, path: string, work: { steps: number }): boolean {
  return program.words === 1 ? runNarrow(program, path, work) : runWide(program, path, work);
}

/** {@link runWide} for the globs of one word, as most are: three times as fast. */
function runNarrow(program: GlobProgram, path: string, work: { steps: number }): boolean {
  const { asciiRows, otherRows, moves } = program;
  const [stays = 0, staysOnSlash = 0] = [program.stays[0], program.staysOnSlash[0]];
  const [stars = 0, folders = 0] = [program.stars[0], program.folders[0]];
  let held = 1 | ((folders & 1) << 1);
  held |= (held & stars) << 1;
  work.steps++;
  for (let at = 0; at < path.length; at++) {
    const code = path.codePointAt(at) ?? 0;
    if (code > 0xffff) at++;
    work.steps++;
    const moved = held & (moves[code < 128 ? (asciiRows[code] ?? 0) : (otherRows.get(code) ?? 0)] ?? 0);
    if (code === SLASH) {
      held = (moved << 1) | (held & staysOnSlash);
      held |= (held & folders) << 1;
    } else {
      held = (moved << 1) | (held & stays);
    }
    if (held === 0) return false;
    held |= (held & stars) << 1;
  }
  return (held & (program.accepting[0] ?? 0)) !== 0;
}

function runWide(program: GlobProgram, path: string, work: { steps: number }): boolean {
  const { words, asciiRows, otherRows, moves, accepting } = program;
  const states = new Int32Array(words);
  states[0] = 1;
  pass(program, states, true);
  work.steps += words;
  for (let at = 0; at < path.length; at++) {
    const code = path.codePointAt(at) ?? 0;
    if (code > 0xffff) at++;
    const isSlash = code === SLASH;
    const stays = isSlash ? program.staysOnSlash : program.stays;
    const row = (code < 128 ? (asciiRows[code] ?? 0) : (otherRows.get(code) ?? 0)) * words;
    let carry = 0;
    let alive = 0;
    for (let word = 0; word < words; word++) {
      const held = states[word] ?? 0;
      const moved = held & (moves[row + word] ?? 0);
      const next = (moved << 1) | carry | (held & (stays[word] ?? 0));
      carry = moved >>> 31;
      states[word] = next;
      alive |= next;
    }
    work.steps += words;
    if (alive === 0) return false;
    pass(program, states, isSlash);
  }
  return accepting.some((word, at) => (word & (states[at] ?? 0)) !== 0);
}

/** Moves past tokens that match nothing: first `**` where a segment begins, then the `*` that may follow it. */
function pass({ words, stars, folders }: GlobProgram, states: Int32Array, beginsSegment: boolean): void {
  let folderCarry = 0;
  let starCarry = 0;
  for (let word = 0; word < words; word++) {
    let held = (states[word] ?? 0) | folderCarry | starCarry;
    const folder = beginsSegment ? held & (folders[word] ?? 0) : 0;
    held |= folder << 1;
    folderCarry = folder >>> 31;
    const star = held & (stars[word] ?? 0);
    held |= star << 1;
    starCarry = star >>> 31;
    states[word] = held;
  }
}
