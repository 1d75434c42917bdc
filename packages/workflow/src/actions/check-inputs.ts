import type { JsonValue } from '../model.js';
import { checkParameterValue, MAX_VALUE_LENGTH, type ValueProblem } from '../parameter-value.js';
import { MAX_PATTERN_WORK } from '../pattern/pattern.js';
import { suggest } from '../suggest.js';
import { quote } from '../text.js';
import { checkForm } from './check-form.js';
import type { ActionInput, ActionManifest } from './manifest.js';

/** What is wrong with one input of an action. */
export interface InputProblem {
  readonly code: 'input.unknown' | 'input.missing' | 'input.type';
  readonly input: string;
  /** One line, lower case, no full stop. */
  readonly message: string;
  readonly hint?: string;
}

export interface CheckedInputs {
  /** What was given, and the defaults of what was not. Without a prototype; what is null is left out. */
  readonly inputs: Readonly<Record<string, JsonValue>>;
  readonly problems: readonly InputProblem[];
}

/** Longest text of one input, in UTF-16 units. */
const MAX_TEXT_LENGTH = 1_048_576;

/** Checks values for the inputs of an action, and adds defaults. An input that is null counts as not given. */
export function checkInputs(
  manifest: ActionManifest,
  given: Readonly<Record<string, JsonValue>>,
): CheckedInputs {
  const inputs = Object.create(null) as Record<string, JsonValue>;
  const problems: InputProblem[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === null) continue;
    inputs[name] = value;
    const declared = Object.hasOwn(manifest.inputs, name) ? manifest.inputs[name] : undefined;
    const problem = declared === undefined ? undefined : checkInput(declared, value);
    if (problem !== undefined) {
      const message = `the input ${quote(name)} of ${manifest.name} ${problem.message}`;
      problems.push({ code: 'input.type', input: name, ...problem, message });
    } else if (declared === undefined && manifest.otherInputs === undefined) {
      problems.push(unknownInput(manifest, name));
    }
  }
  for (const [name, declared] of Object.entries(manifest.inputs)) {
    if (inputs[name] !== undefined) continue;
    if (declared.default !== undefined) inputs[name] = declared.default;
    else if (declared.required) problems.push(missingInput(manifest, name, declared));
  }
  return { inputs, problems };
}

/** Says why a value does not fit an input; the message ends a sentence that begins with the input. */
export function checkInput(input: ActionInput, value: JsonValue): ValueProblem | undefined {
  switch (input.type) {
    case 'list':
    case 'map':
      return checkForm(input, value);
    case 'string':
      if (typeof value !== 'string' || value.length <= MAX_VALUE_LENGTH || input.pattern !== undefined) break;
      return value.length > MAX_TEXT_LENGTH
        ? { message: `has more than ${MAX_TEXT_LENGTH} characters`, hint: 'hand it on as a file' }
        : undefined;
    default:
      break;
  }
  return checkParameterValue(input, value, { remaining: MAX_PATTERN_WORK });
}

function missingInput(manifest: ActionManifest, name: string, { description }: ActionInput): InputProblem {
  const hint = `add it under with${description === undefined ? '' : `: ${description}`}`;
  return {
    code: 'input.missing',
    input: name,
    message: `${manifest.name} needs the input ${quote(name)}`,
    hint,
  };
}

function unknownInput(manifest: ActionManifest, name: string): InputProblem {
  const names = Object.keys(manifest.inputs);
  const near = suggest(name, names);
  const known = names.length === 0 ? 'it takes none' : `it takes ${names.join(', ')}`;
  return {
    code: 'input.unknown',
    input: name,
    message: `${manifest.name} has no input ${quote(name)}`,
    hint: near === undefined ? known : `did you mean ${quote(near)}?`,
  };
}
