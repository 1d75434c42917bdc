import type { JsonValue } from '../model.js';
import type { ValueProblem } from '../parameter-value.js';
import { quote } from '../text.js';
import type { ActionOutput } from './manifest.js';

/** The kind of a value as a sentence has it. */
const KINDS: Readonly<Record<ActionOutput['type'], string>> = {
  string: 'text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  map: 'a map',
  json: 'a value',
};

/** Says why a value is not of a form; the message ends a sentence that begins with what it is the value of. */
export function checkForm(form: ActionOutput, value: JsonValue): ValueProblem | undefined {
  return checkAt(form, value, '');
}

function checkAt(form: ActionOutput, value: JsonValue, at: string): ValueProblem | undefined {
  if (!isOfKind(form.type, value)) {
    return {
      message: `must ${at === '' ? 'be' : `have at ${quote(at)}`} ${KINDS[form.type]}, not ${shown(value)}`,
    };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries<JsonValue>(value)) {
    const known = form.fields !== undefined && Object.hasOwn(form.fields, key) ? form.fields[key] : undefined;
    const inner = known ?? form.items;
    const problem = inner === undefined ? undefined : checkAt(inner, item, at === '' ? key : `${at}.${key}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isOfKind(type: ActionOutput['type'], value: JsonValue): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'list':
      return Array.isArray(value);
    case 'map':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'json':
      return true;
  }
}

function shown(value: JsonValue): string {
  if (typeof value === 'string') return quote(value, 40);
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : String(value);
}
