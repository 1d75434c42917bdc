import { checkInput as checkValue } from '../actions/check-inputs.js';
import type { ActionInput, ActionManifest } from '../actions/manifest.js';
import { nameOf } from '../expression/types.js';
import type { CelType } from '../expression/types.js';
import type { JsonValue, Templates } from '../model.js';
import type { ValueProblem } from '../parameter-value.js';
import type { Finding, Path, RelatedFinding } from '../source/tree.js';
import { suggest } from '../suggest.js';
import { tick } from '../text.js';

/** Where a `with` stands and whose inputs it gives. */
interface Place {
  /** The name of what is used. */
  readonly what: string;
  /** The step's. */
  readonly path: Path;
  /** Where an input is declared, when that is in the same file. */
  readonly declared: ((name: string) => RelatedFinding) | undefined;
}

/** Checks what something is given against what it takes. `types` are those of the texts with expressions. */
export function checkInputs(
  given: Templates,
  { inputs, otherInputs }: Pick<ActionManifest, 'inputs' | 'otherInputs'>,
  types: ReadonlyMap<string, CelType>,
  place: Place,
): readonly Finding[] {
  const missing = Object.entries(inputs).filter(
    ([name, { required }]) => required && !Object.hasOwn(given, name),
  );
  const findings: Finding[] = [];
  const meant = new Set<string>();
  for (const [name, value] of Object.entries(given)) {
    const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (input !== undefined) findings.push(...checkInput(name, value, input, types.get(name), place));
    else if (otherInputs === undefined) {
      const near = suggest(name, Object.keys(inputs));
      if (near !== undefined) meant.add(near);
      findings.push(unknownInput(name, near, Object.keys(inputs), place));
    }
  }
  for (const [name, input] of missing) {
    // One that is there under a wrong name is told once, where it stands.
    if (!meant.has(name)) findings.push(missingInput(name, input, Object.keys(given).length > 0, place));
  }
  return findings;
}

function checkInput(
  name: string,
  value: JsonValue,
  input: ActionInput,
  type: CelType | undefined,
  { what, path, declared }: Place,
): readonly Finding[] {
  const isText = typeof value === 'string';
  const isTemplate = isText && value.includes('${{');
  const problem = isTemplate ? findTypeProblem(type, input) : findValueProblem(value, input);
  if (problem === undefined) return [];
  return [
    {
      code: 'input.type',
      message: `${tick(name)} of ${tick(what)} ${problem.message}`,
      path: [...path, 'with', name],
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
      ...(declared === undefined ? {} : { related: [declared(name)] }),
    },
  ];
}

/** A value that is written out; one with expressions inside is not known before they are evaluated. */
function findValueProblem(value: JsonValue, input: ActionInput): ValueProblem | undefined {
  if (typeof value !== 'object' || value === null) return checkValue(input, value);
  return JSON.stringify(value).includes('${{') ? findKindProblem(value, input) : checkValue(input, value);
}

function findKindProblem(value: JsonValue, input: ActionInput): ValueProblem | undefined {
  const kind = Array.isArray(value) ? 'list' : 'map';
  if (input.type === kind || input.type === 'json') return undefined;
  return { message: `must be ${WANTED[input.type]}, not a ${kind}` };
}

const KINDS: Readonly<Record<ActionInput['type'], readonly CelType['kind'][]>> = {
  string: ['string'],
  enum: ['string'],
  path: ['string'],
  secret: ['string'],
  integer: ['int'],
  number: ['int', 'double'],
  boolean: ['bool'],
  list: ['list'],
  map: ['map', 'record'],
  json: [],
};

const WANTED: Readonly<Record<ActionInput['type'], string>> = {
  string: 'text',
  enum: 'text',
  path: 'text',
  secret: 'a secret',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  map: 'a map',
  json: 'anything',
};

function findTypeProblem(type: CelType | undefined, input: ActionInput): ValueProblem | undefined {
  const fits =
    type === undefined ||
    type.kind === 'dyn' ||
    input.type === 'json' ||
    KINDS[input.type].includes(type.kind) ||
    (type.kind === 'null' && !input.required);
  if (fits) return undefined;
  return {
    message: `must be ${WANTED[input.type]}, not ${nameOf(type)}`,
    hint:
      KINDS[input.type][0] === 'string' ? 'convert it with string()' : 'convert it, or give another value',
  };
}

function unknownInput(
  name: string,
  near: string | undefined,
  known: readonly string[],
  { what, path, declared }: Place,
): Finding {
  const listed = known.length === 0 ? 'it takes nothing' : `it takes: ${known.slice(0, 12).join(', ')}`;
  return {
    code: 'input.unknown',
    message: `${tick(what)} takes no ${tick(name)}`,
    hint: near === undefined ? listed : `did you mean ${tick(near)}?`,
    path: [...path, 'with', name],
    at: 'key',
    ...(near === undefined || declared === undefined ? {} : { related: [declared(near)] }),
  };
}

function missingInput(
  name: string,
  input: ActionInput,
  hasWith: boolean,
  { what, path, declared }: Place,
): Finding {
  return {
    code: 'input.missing',
    message: `${tick(what)} needs ${tick(name)}`,
    hint: `add it to \`with\`: ${input.description ?? WANTED[input.type]}`,
    ...(hasWith ? { path: [...path, 'with'], at: 'key' as const } : { path: [...path, 'uses'] }),
    ...(declared === undefined ? {} : { related: [declared(name)] }),
  };
}
