import type { JsonValue } from '../model.js';
import { HINTS } from '../hints.js';
import { createLines } from './lines.js';
import type { Path, SourceRange } from './tree.js';
import { readToml } from './toml.js';

/** A place in a text; both are 1-based, columns count UTF-16 units. */
export interface TomlPlace {
  readonly line: number;
  readonly column: number;
}

/** Why a text is no TOML document. */
export interface TomlProblem extends TomlPlace {
  /** One line, lower case, no final full stop; safe to print. */
  readonly message: string;
  readonly hint: string;
}

/** A TOML file as plain data (tables have no prototype), and where each part of it is written. */
export interface TomlDocument {
  readonly value: Readonly<Record<string, JsonValue>>;
  /** Where a value stands, or its key; what is not written out has the place of the nearest part around it. */
  readonly placeOf: (path: Path, at?: 'key' | 'value') => TomlPlace;
  /**
   * Offsets, in UTF-16 units, of a value or its key, quotes included. Undefined for what is not written out; the value of a
   * table with a header of its own is its name there.
   */
  readonly rangeOf: (path: Path, at?: 'key' | 'value') => SourceRange | undefined;
}

/**
 * Reads any TOML 1.0 file of ours, without dates and at most 32 levels deep, so that what is wrong with it can be told
 * with its line. The caller bounds the text.
 */
export function readTomlDocument(
  text: string,
): { readonly document: TomlDocument } | { readonly problem: TomlProblem } {
  const read = readToml(text);
  const lines = createLines(text);
  const [problem] = read.problems;
  if (problem !== undefined) {
    const { message, hint, code, range } = problem;
    return { problem: { message, hint: hint ?? HINTS[code], ...lines.positionAt(range.start) } };
  }
  const tree = read.tree;
  if (tree === undefined) throw new TypeError('a text was read without a result');
  const placeOf: TomlDocument['placeOf'] = (path, at = 'value') => {
    for (let length = path.length; length > 0; length--) {
      const found = tree.locate(path.slice(0, length));
      if (found === undefined) continue;
      const isExact = length === path.length;
      const range: SourceRange = at === 'key' || !isExact ? (found.key ?? found.value) : found.value;
      return lines.positionAt(range.start);
    }
    return { line: 1, column: 1 };
  };
  const [finding] = read.findings;
  if (finding !== undefined) {
    const { message, hint, code, path } = finding;
    return { problem: { message, hint: hint ?? HINTS[code], ...placeOf(path) } };
  }
  const rangeOf: TomlDocument['rangeOf'] = (path, at = 'value') => tree.locate(path)?.[at];
  return { document: { value: tree.value as TomlDocument['value'], placeOf, rangeOf } };
}
