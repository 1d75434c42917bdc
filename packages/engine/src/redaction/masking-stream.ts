import type { Automaton } from './automaton.js';

/** Takes bytes in pieces of any size and gives them back without what is to be hidden. */
export interface MaskingStream {
  /** What can be handed on by now. What may be the beginning of a find is held back: at most three times the longest. */
  write(chunk: Uint8Array): Uint8Array;
  /** The rest. */
  end(): Uint8Array;
}

/** What to look for. */
export interface Search {
  readonly plain: Automaton;
  readonly wrapped: Automaton;
  /** There is nothing to look for yet. */
  readonly isEmpty: boolean;
}

/** Stands for what was hidden; finds that touch or overlap are one. */
export const MASK = '***';

const MASK_BYTES = Buffer.from(MASK);
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** With fewer characters of an encoding before it, the end of a line is the end of a line: output is not held back for it. */
const WRAP_AFTER = 8;

/** A place in an automaton, and where in the stream the bytes stand that brought it there. */
interface Cursor {
  state: number;
  /** Positions of the bytes that count. */
  positions: number[];
  lineEnds: number;
}

/**
 * `findSearch` gives what to look for as of now: when that has become more, it is looked for in all that was not handed on by then.
 * `onFind` is called once for each mask.
 */
export function maskingStream(findSearch: () => Search, onFind: () => void = () => undefined): MaskingStream {
  let search = findSearch();
  /** Read and not yet handed on; `base` is the position of its first byte. */
  let held: Uint8Array = new Uint8Array();
  let base = 0;
  let read = 0;
  let plain = 0;
  const wrapped: Cursor = { state: 0, positions: [], lineEnds: 0 };
  /** Finds that are not handed on, apart from each other and in order. */
  const finds: { from: number; to: number }[] = [];
  /** Where the last mask ends that was handed on. */
  let maskedTo = -1;

  const add = (from: number, to: number): void => {
    const find = { from, to };
    for (let last = finds.at(-1); last !== undefined && last.to >= find.from; last = finds.at(-1)) {
      find.from = Math.min(find.from, last.from);
      find.to = Math.max(find.to, last.to);
      finds.pop();
    }
    finds.push(find);
  };

  const step = (byte: number): void => {
    const at = read;
    read += 1;
    plain = search.plain.next(plain, byte);
    const length = search.plain.found(plain);
    if (length > 0) add(at + 1 - length, at + 1);
    if (isBreak(search.wrapped, wrapped, byte)) return;
    wrapped.state = search.wrapped.next(wrapped.state, byte);
    wrapped.lineEnds = 0;
    const depth = search.wrapped.depth(wrapped.state);
    if (depth === 0) {
      wrapped.positions = [];
      return;
    }
    wrapped.positions.push(at);
    const over = wrapped.positions.length - depth;
    // Not at each byte: that would move the rest each time.
    if (over > depth) wrapped.positions = wrapped.positions.slice(over);
    const hit = search.wrapped.found(wrapped.state);
    if (hit > 0) add(wrapped.positions.at(-hit) ?? at, at + 1);
  };

  /** Hands on all before a position. */
  const take = (until: number): Uint8Array => {
    const parts: Uint8Array[] = [];
    let at = base;
    while (finds[0] !== undefined && finds[0].from < until) {
      const find = finds[0];
      if (find.from > at) parts.push(held.subarray(at - base, find.from - base));
      if (find.from > maskedTo) {
        parts.push(MASK_BYTES);
        onFind();
      }
      maskedTo = Math.min(find.to, until);
      at = maskedTo;
      if (find.to > until) {
        find.from = until;
        break;
      }
      finds.shift();
    }
    if (at < until) parts.push(held.subarray(at - base, until - base));
    const taken = Buffer.concat(parts);
    held = held.subarray(until - base);
    base = until;
    return taken;
  };

  /** Takes up a larger search. */
  const renew = (now: Search): void => {
    search = now;
    // What is left of a find whose beginning was handed on cannot be found again.
    finds.splice(finds[0]?.from === base && maskedTo === base ? 1 : 0);
    plain = 0;
    wrapped.state = 0;
    wrapped.positions = [];
    wrapped.lineEnds = 0;
    read = base;
    for (const byte of held) step(byte);
  };

  return {
    write: (chunk) => {
      const now = findSearch();
      if (now !== search) renew(now);
      if (search.isEmpty) {
        read += chunk.length;
        base = read;
        return chunk;
      }
      held = held.length === 0 ? Uint8Array.from(chunk) : Buffer.concat([held, chunk]);
      for (const byte of chunk) step(byte);
      const open = search.wrapped.depth(wrapped.state);
      const firstOpen = open === 0 ? read : (wrapped.positions.at(-open) ?? read);
      return take(Math.min(read - search.plain.depth(plain), firstOpen));
    },
    end: () => {
      const now = findSearch();
      if (now !== search) renew(now);
      return take(read);
    },
  };
}

/** Whether a byte is the end of a line within an encoding. */
function isBreak(automaton: Automaton, cursor: Cursor, byte: number): boolean {
  if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) return false;
  if (automaton.depth(cursor.state) < WRAP_AFTER) return false;
  cursor.lineEnds += 1;
  // An empty line ends it: one line end is at most two bytes.
  return cursor.lineEnds <= 2;
}
