import { BundleError, type BundleErrorCode } from '../error.js';
import { findBase64 } from './base64.js';
import type { StrictJson } from './strict-json.js';

/**
 * Reads the members of one JSON object strictly: a member that is missing, of another type, or not known is an
 * error with the given code, and the message names it.
 */
export interface MemberReader {
  string(name: string, pattern?: RegExp, maxLength?: number): string;
  optionalString(name: string, pattern?: RegExp, maxLength?: number): string | undefined;
  /** An integer from 0 to 2^53-1. */
  count(name: string): number;
  optionalCount(name: string): number | undefined;
  base64(name: string): Uint8Array;
  /** The same as it is written, in the one spelling that it has. */
  base64Text(name: string): string;
  /** Any value, for a reader of its own. */
  value(name: string): StrictJson;
  optionalValue(name: string): StrictJson | undefined;
  object(name: string): MemberReader;
  optionalObject(name: string): MemberReader | undefined;
  objects(name: string, maxItems: number): readonly MemberReader[];
  strings(name: string, maxItems: number, pattern: RegExp): readonly string[];
  base64List(name: string, maxItems: number): readonly Uint8Array[];
  counts(name: string, maxItems: number): readonly number[];
  /** True when the member is there and true; it may be nothing else. */
  flag(name: string): boolean;
  /** Refuses members that nobody asked for. Call it last. */
  end(): void;
  /** Fails with this reader's code, naming the member. */
  fail(name: string, problem: string): never;
}

/** Longest string a member may hold unless its reader says otherwise, in UTF-16 units. */
const MAX_STRING = 4096;

export function readMembers(value: StrictJson, code: BundleErrorCode, where: string): MemberReader {
  function fail(name: string, problem: string): never {
    throw new BundleError(code, `${where}${name === '' ? '' : `: ${name}`} ${problem}`);
  }
  if (!(value instanceof Map)) fail('', 'is not an object');
  const members: ReadonlyMap<string, StrictJson> = value;
  const asked = new Set<string>();

  function find(name: string): StrictJson | undefined {
    asked.add(name);
    return members.get(name);
  }
  function text(
    name: string,
    found: StrictJson | undefined,
    pattern?: RegExp,
    maxLength = MAX_STRING,
  ): string {
    if (typeof found !== 'string') fail(name, 'is not a string');
    if (found.length > maxLength) fail(name, `is longer than ${maxLength} characters`);
    if (pattern !== undefined && !pattern.test(found)) fail(name, 'is not of the right form');
    return found;
  }
  function whole(name: string, found: StrictJson | undefined): number {
    if (typeof found !== 'number' || found < 0) fail(name, 'is not an integer from 0');
    return found;
  }
  function bytes(name: string, found: StrictJson | undefined): Uint8Array {
    const decoded = typeof found === 'string' ? findBase64(found) : undefined;
    if (decoded === undefined) fail(name, 'is not standard base64');
    return decoded;
  }
  function list(name: string, maxItems: number): readonly StrictJson[] {
    const found = find(name);
    if (!isList(found)) fail(name, 'is not a list');
    if (found.length > maxItems) fail(name, `has more than ${maxItems} items`);
    return found;
  }

  return {
    string: (name, pattern, maxLength) => text(name, find(name), pattern, maxLength),
    optionalString(name, pattern, maxLength) {
      const found = find(name);
      return found === undefined ? undefined : text(name, found, pattern, maxLength);
    },
    count: (name) => whole(name, find(name)),
    optionalCount(name) {
      const found = find(name);
      return found === undefined ? undefined : whole(name, found);
    },
    base64: (name) => bytes(name, find(name)),
    base64Text(name) {
      const found = find(name);
      bytes(name, found);
      return found as string;
    },
    value: (name) => find(name) ?? fail(name, 'is missing'),
    optionalValue: find,
    object: (name) => readMembers(find(name) ?? fail(name, 'is missing'), code, `${where}.${name}`),
    optionalObject(name) {
      const found = find(name);
      return found === undefined ? undefined : readMembers(found, code, `${where}.${name}`);
    },
    objects: (name, maxItems) =>
      list(name, maxItems).map((item, index) => readMembers(item, code, `${where}.${name}[${index}]`)),
    strings: (name, maxItems, pattern) => list(name, maxItems).map((item) => text(name, item, pattern)),
    base64List: (name, maxItems) => list(name, maxItems).map((item) => bytes(name, item)),
    counts: (name, maxItems) => list(name, maxItems).map((item) => whole(name, item)),
    flag(name) {
      const found = find(name);
      if (found !== undefined && found !== true) fail(name, 'may only be true');
      return found === true;
    },
    end() {
      for (const name of members.keys()) {
        if (!asked.has(name))
          fail('', `has a member that is not known: ${JSON.stringify(name.slice(0, 64))}`);
      }
    },
    fail,
  };
}

function isList(value: StrictJson | undefined): value is readonly StrictJson[] {
  return Array.isArray(value);
}
