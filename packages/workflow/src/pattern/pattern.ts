import { WorkflowError } from '../errors.js';
import { contains, type CharacterSet } from './character-set.js';
import { parsePattern, type Assertion, type PatternNode } from './parse.js';

/** A compiled regular expression; {@link testPattern} runs it in time linear in the text. */
export interface Pattern {
  readonly program: readonly Instruction[];
}

type Instruction =
  | { readonly op: 'set'; readonly set: CharacterSet; readonly cost: number }
  | { readonly op: 'assert'; readonly assert: Assertion }
  | { readonly op: 'split'; readonly first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'match' };

export const MAX_PATTERN_LENGTH = 500;
const MAX_PROGRAM = 5000;
/** Instructions of all patterns in the expressions of one definition: some 100 ms to compile them. */
export const MAX_PATTERN_INSTRUCTIONS = 400_000;
/** About 100 ms of work. */
export const MAX_PATTERN_WORK = 2_000_000;

const CACHE = new Map<string, Pattern>();
const MAX_CACHED = 100;

/**
 * {@link compilePattern} within a budget of instructions that the patterns of a definition share.
 * Throws WorkflowError `pattern.invalid` too when nothing of it is left.
 */
export function compileWithin(text: string, budget: { remaining: number }): Pattern {
  if (budget.remaining <= 0) {
    throw new WorkflowError('pattern.invalid', 'the patterns of the definition are too large together', {
      hint: 'use fewer patterns, or smaller counts in {…}',
    });
  }
  try {
    const pattern = compilePattern(text);
    budget.remaining -= pattern.program.length;
    return pattern;
  } catch (error) {
    // What is refused may have been written out to the limit first.
    budget.remaining -= MAX_PROGRAM;
    throw error;
  }
}

/**
 * Compiles a regular expression of the RE2 family (no lookaround, no back-references), at most 500 characters.
 * Throws WorkflowError `pattern.invalid`.
 */
export function compilePattern(text: string): Pattern {
  const known = CACHE.get(text);
  if (known !== undefined) return known;
  if (text.length > MAX_PATTERN_LENGTH) {
    throw new WorkflowError('pattern.invalid', `the pattern has more than ${MAX_PATTERN_LENGTH} characters`);
  }
  const program: Instruction[] = [];
  emit(parsePattern(text), program);
  push(program, { op: 'match' });
  const pattern = { program };
  if (CACHE.size >= MAX_CACHED) CACHE.clear();
  CACHE.set(text, pattern);
  return pattern;
}

function emit(node: PatternNode, program: Instruction[]): void {
  switch (node.kind) {
    case 'set':
      push(program, { op: 'set', set: node.set, cost: costOf(node.set) });
      return;
    case 'assert':
      push(program, { op: 'assert', assert: node.assert });
      return;
    case 'sequence':
      for (const part of node.nodes) emit(part, program);
      return;
    case 'choice':
      emitChoice(node.nodes, program);
      return;
    case 'repeat':
      emitRepeat(node.node, node.min, node.max, program);
      return;
  }
}

function emitChoice(nodes: readonly PatternNode[], program: Instruction[]): void {
  const exits: { op: 'jump'; to: number }[] = [];
  nodes.forEach((node, at) => {
    if (at === nodes.length - 1) {
      emit(node, program);
      return;
    }
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    push(program, split);
    emit(node, program);
    const exit = { op: 'jump' as const, to: 0 };
    push(program, exit);
    exits.push(exit);
    split.second = program.length;
  });
  for (const exit of exits) exit.to = program.length;
}

function emitRepeat(node: PatternNode, min: number, max: number, program: Instruction[]): void {
  for (let i = 0; i < min; i++) {
    const before = program.length;
    emit(node, program);
    // What emits nothing matches the empty text: more of it is the same, and counting up could take for ever.
    if (program.length === before) return;
  }
  if (max === Infinity) {
    const start = program.length;
    const split = { op: 'split' as const, first: start + 1, second: 0 };
    push(program, split);
    emit(node, program);
    push(program, { op: 'jump', to: start });
    split.second = program.length;
    return;
  }
  const splits: { op: 'split'; readonly first: number; second: number }[] = [];
  for (let i = min; i < max; i++) {
    const split = { op: 'split' as const, first: program.length + 1, second: 0 };
    push(program, split);
    splits.push(split);
    emit(node, program);
  }
  for (const split of splits) split.second = program.length;
}

function push(program: Instruction[], instruction: Instruction): void {
  if (program.length >= MAX_PROGRAM) {
    throw new WorkflowError('pattern.invalid', 'the pattern is too large once its repeats are written out', {
      hint: 'use smaller counts in {…}',
    });
  }
  program.push(instruction);
}

/** What it takes to look into a set, where one step of the program counts 1. */
function costOf({ ranges, properties, ignoreCase }: CharacterSet): number {
  return Math.ceil(ranges.length / 8 + properties.length * 2) * (ignoreCase ? 3 : 1);
}

/**
 * Does the pattern match anywhere in the text? Simulates all ways at once (Thompson 1968), so time is bounded by
 * text × program. Throws WorkflowError `pattern.budget` when that is more than what remains of `work`, which several calls may share.
 */
export function testPattern(
  pattern: Pattern,
  text: string,
  work: { remaining: number } = { remaining: MAX_PATTERN_WORK },
): boolean {
  const { program } = pattern;
  const seen = new Int32Array(program.length).fill(-1);
  let current: number[] = [];
  let before = -1;
  for (let at = 0; ;) {
    const code = text.codePointAt(at) ?? -1;
    current.push(0);
    const sets = follow(program, current, seen, at, before, code);
    if (sets === 'match') return true;
    if (code === -1) return false;
    work.remaining -= sets.visited;
    if (work.remaining < 0) {
      throw new WorkflowError('pattern.budget', 'the text is too long for this pattern');
    }
    current = [];
    for (const index of sets.waiting) {
      const instruction = program[index];
      if (instruction?.op !== 'set') continue;
      work.remaining -= instruction.cost;
      if (contains(instruction.set, code)) current.push(index + 1);
    }
    before = code;
    at += code > 0xffff ? 2 : 1;
  }
}

function follow(
  program: readonly Instruction[],
  stack: number[],
  seen: Int32Array,
  at: number,
  before: number,
  after: number,
): 'match' | { readonly waiting: readonly number[]; readonly visited: number } {
  const waiting: number[] = [];
  let visited = 0;
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    if (seen[index] === at) continue;
    seen[index] = at;
    visited++;
    const instruction = program[index];
    if (instruction === undefined) continue;
    if (instruction.op === 'match') return 'match';
    if (instruction.op === 'set') waiting.push(index);
    else if (instruction.op === 'jump') stack.push(instruction.to);
    else if (instruction.op === 'split') stack.push(instruction.first, instruction.second);
    else if (holds(instruction.assert, before, after)) stack.push(index + 1);
  }
  return { waiting, visited };
}

function holds(assert: Assertion, before: number, after: number): boolean {
  switch (assert) {
    case 'text-start':
      return before === -1;
    case 'text-end':
      return after === -1;
    case 'line-start':
      return before === -1 || before === 10;
    case 'line-end':
      return after === -1 || after === 10;
    case 'word':
      return isWord(before) !== isWord(after);
    case 'not-word':
      return isWord(before) === isWord(after);
  }
}

function isWord(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122)
  );
}
