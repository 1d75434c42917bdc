import { printable, type JsonValue } from '@sheaf/workflow';
import { ActionError } from '../actions/action-error.js';
import { LIMITS } from '../limits.js';

/** What came of a script. */
export interface ScriptResult {
  readonly outputs: Readonly<Record<string, JsonValue>>;
  /** What it wrote to its console, or the empty text. */
  readonly log: string;
}

const KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** Reads what the guest says came of it. Throws ActionError `script.failed`, `script.output`; `onLog` is called first in any case. */
export function readResult(json: string, onLog: (log: string) => void): ScriptResult {
  const answer = parseObject(json);
  const said = answer?.['log'];
  const log = typeof said === 'string' ? said : '';
  if (log !== '') onLog(log);
  if (answer === undefined) throw unfit('its result is no JSON');
  if (Object.hasOwn(answer, 'error')) throw failure(answer['error']);
  const value = answer['value'];
  if (!isTable(value)) {
    throw unfit('it must return a table of outputs', 'end it with: return { name: value }');
  }
  return { outputs: copyOutputs(value), log };
}

function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isTable(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function copyOutputs(value: Readonly<Record<string, unknown>>): Readonly<Record<string, JsonValue>> {
  const entries = Object.entries(value);
  if (entries.length > LIMITS.outputs) {
    throw unfit(`it returns ${entries.length} outputs and at most ${LIMITS.outputs} are kept`);
  }
  const outputs = Object.create(null) as Record<string, JsonValue>;
  for (const [key, item] of entries) {
    if (!KEY.test(key)) throw unfit(`"${printable(key)}" is no name of an output`);
    outputs[key] = copyJson(item, 1);
  }
  return outputs;
}

/** Tables without a prototype, so that no key is special. */
function copyJson(value: unknown, depth: number): JsonValue {
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  if (depth > LIMITS.outputDepth) throw unfit(`it is nested deeper than ${LIMITS.outputDepth} levels`);
  if (Array.isArray(value)) return value.map((item) => copyJson(item, depth + 1));
  const table = Object.create(null) as Record<string, JsonValue>;
  for (const [key, item] of Object.entries(value)) table[key] = copyJson(item, depth + 1);
  return table;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function failure(error: unknown): ActionError {
  const { name, message, stack } = isTable(error) ? error : {};
  const text = (part: unknown): string => (typeof part === 'string' ? part : '');
  if (['out of memory', 'string too long'].includes(text(message))) return outOfMemory();
  const [, line] = /\(?script:(\d{1,9})/.exec(text(stack)) ?? [];
  const where = line === undefined ? '' : ` (line ${line} of the script)`;
  return new ActionError(
    'script.failed',
    `the script threw ${printable(`${text(name)}: ${text(message)}`, 500)}${where}`,
  );
}

export function outOfMemory(): ActionError {
  return new ActionError('script.memory', 'the script needs more memory than it may use', {
    hint: 'do it in a shell step, which has no such limit',
  });
}

function unfit(message: string, hint?: string): ActionError {
  return new ActionError(
    'script.output',
    `the result of the script cannot be used: ${message}`,
    hint === undefined ? {} : { hint },
  );
}
