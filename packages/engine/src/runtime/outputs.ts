import { quote, type JsonValue } from '@sheaf/workflow';
import type { Reason } from '../core/events.js';
import { LIMITS } from '../limits.js';

export type ParsedOutputs =
  { readonly outputs: Readonly<Record<string, JsonValue>> } | { readonly problem: Reason };

const KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
/** What the engine itself says about a step. */
const RESERVED = new Set(['stdout', 'exit_code']);
const HINT = 'write lines of key=value, or one JSON object; keys are letters, digits, _ and -';

/**
 * Reads what a step wrote to `$SHEAF_OUTPUT`: one JSON object when the first character is `{`, else `key=value` lines (values are
 * text up to the end of the line; empty lines are skipped; the last of equal keys wins). UTF-8. Never throws.
 */
export function parseOutputs(bytes: Uint8Array): ParsedOutputs {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return invalid('it is not UTF-8');
  }
  return text.trimStart().startsWith('{') ? parseObject(text) : parseLines(text);
}

function parseObject(text: string): ParsedOutputs {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return invalid('it starts like a JSON object and is none');
  }
  if (!isPlain(value)) {
    return invalid(
      `it is nested deeper than ${LIMITS.outputDepth} levels, or holds a number that is too large`,
    );
  }
  return collect(Object.entries(value as Readonly<Record<string, JsonValue>>));
}

function parseLines(text: string): ParsedOutputs {
  const entries: [string, JsonValue][] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const equals = line.indexOf('=');
    if (equals === -1) return invalid(`line ${index + 1} has no =`);
    entries.push([line.slice(0, equals), line.slice(equals + 1).replace(/\r$/, '')]);
  }
  return collect(entries);
}

function collect(entries: readonly (readonly [string, JsonValue])[]): ParsedOutputs {
  const outputs = Object.create(null) as Record<string, JsonValue>;
  for (const [key, value] of entries) {
    if (!KEY.test(key)) return invalid(`${quote(key)} is no key`);
    if (RESERVED.has(key)) return invalid(`${key} is set by the engine`);
    outputs[key] = value;
  }
  const count = Object.keys(outputs).length;
  if (count > LIMITS.outputs) return invalid(`it has ${count} keys and at most ${LIMITS.outputs} are kept`);
  return { outputs };
}

/** True for nesting within the limit and for numbers that JSON can hold; `1e999` parses and could not be written back. */
function isPlain(value: JsonValue, level = 1): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (level > LIMITS.outputDepth) return false;
  return Object.values(value).every((inner: JsonValue) => isPlain(inner, level + 1));
}

function invalid(detail: string): ParsedOutputs {
  return {
    problem: {
      code: 'output.invalid',
      message: `the file $SHEAF_OUTPUT cannot be read: ${detail}`,
      hint: HINT,
    },
  };
}
