import type { JsonValue } from '@sheaf/workflow';
import { buildAutomaton } from './automaton.js';
import { maskingStream, type MaskingStream, type Search } from './masking-stream.js';
import { needlesOf, type Needles } from './needles.js';

/** Hides the secrets of a run in all that leaves it. */
export interface Redactor {
  /** False where there is nothing to hide, and never will be. */
  readonly isActive: boolean;
  /** A stream of output; `onFind` is called once for each mask. */
  readonly stream: (onFind?: () => void) => MaskingStream;
  readonly text: (text: string) => string;
  /** All texts of a value, at any depth, and its keys. */
  readonly json: <T extends JsonValue>(value: T) => T;
}

/** One that learns values as they become known. */
export interface GrowingRedactor extends Redactor {
  /** From now on it is hidden, also in what streams hold that were begun before. */
  readonly add: (value: string) => void;
}

/** Hides values in the forms of {@link needlesOf}. Linear in what is read, whatever the values. */
export function createRedactor(values: Iterable<string>): Redactor {
  const all = [...values];
  const redactor = growingRedactor();
  for (const value of all) redactor.add(value);
  return { ...redactor, isActive: all.length > 0 };
}

/** One that may have something to hide from the beginning on, and knows nothing of it yet. */
export function growingRedactor(): GrowingRedactor {
  const known = new Map<string, Needles>();
  let search: Search | undefined;
  const findSearch = (): Search => {
    if (search !== undefined) return search;
    const of = (kind: keyof Needles) => [...known.values()].flatMap((each) => each[kind]);
    const plain = of('plain');
    search = {
      plain: buildAutomaton(plain),
      wrapped: buildAutomaton(of('wrapped')),
      isEmpty: plain.length === 0,
    };
    return search;
  };
  const text = (given: string): string => {
    if (known.size === 0) return given;
    let finds = 0;
    const stream = maskingStream(findSearch, () => {
      finds += 1;
    });
    const masked = Buffer.concat([stream.write(Buffer.from(given, 'utf8')), stream.end()]);
    // Not by way of bytes when there is nothing to hide: they cannot hold every text.
    return finds > 0 ? masked.toString('utf8') : given;
  };
  const json = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number') return text(String(value)) === String(value) ? value : null;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return (value as readonly JsonValue[]).map(json);
    const masked = Object.create(null) as Record<string, JsonValue>;
    for (const [key, inner] of Object.entries(value)) masked[text(key)] = json(inner);
    return masked;
  };
  return {
    isActive: true,
    add: (value) => {
      if (known.has(value)) return;
      known.set(value, needlesOf(value));
      search = undefined;
    },
    stream: (onFind) => maskingStream(findSearch, onFind),
    text,
    json: <T extends JsonValue>(value: T): T => (known.size === 0 ? value : (json(value) as T)),
  };
}

/** Of a run without secrets. */
export const NO_REDACTION: Redactor = createRedactor([]);
