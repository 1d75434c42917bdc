import type { JsonValue } from '@sheaf/workflow';
import { buildAutomaton } from './automaton.js';
import { maskingStream, type MaskingStream, type Search } from './masking-stream.js';
import { needlesOf, type Needles } from './needles.js';

/** Hides the secrets of a run in all that leaves it. */
export interface Redactor {
  /** False while there is nothing to hide. */
  readonly isActive: boolean;
  /** A stream of output; `onFind` is called once for each mask. */
  readonly stream: (onFind?: () => void) => MaskingStream;
  readonly text: (text: string) => string;
  /** All texts of a value, at any depth, and its keys. */
  readonly json: <T extends JsonValue>(value: T) => T;
}

/** Hides values in the forms of {@link needlesOf}. Linear in what is read, whatever the values. */
export function createRedactor(values: Iterable<string>): Redactor {
  const needles = Array.from(new Set(values), needlesOf);
  const of = (kind: keyof Needles) => needles.flatMap((each) => each[kind]);
  const search: Search = { plain: buildAutomaton(of('plain')), wrapped: buildAutomaton(of('wrapped')) };
  const isActive = of('plain').length > 0;
  const text = (given: string): string => {
    if (!isActive) return given;
    let finds = 0;
    const stream = maskingStream(search, () => {
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
    isActive,
    stream: (onFind) => maskingStream(search, onFind),
    text,
    json: <T extends JsonValue>(value: T): T => (isActive ? (json(value) as T) : value),
  };
}

/** Of a run without secrets. */
export const NO_REDACTION: Redactor = createRedactor([]);
