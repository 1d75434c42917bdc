import type { ActionOutput, Catalogue } from '../actions/manifest.js';
import {
  BOOL,
  DOUBLE,
  DYN,
  INT,
  SECRET,
  STRING,
  type CelType,
  type RecordType,
} from '../expression/types.js';
import type { OutputType, Parameter, Step, WorkflowDefinition, Work } from '../model.js';
import { findUsed } from '../uses.js';

/** What expressions are checked against besides the definition itself. */
export interface NameContext {
  readonly definition: WorkflowDefinition;
  readonly catalogue: Catalogue;
  /** The outputs of a workflow that is used; undefined where its definition is not at hand. */
  readonly outputsOf: (id: string, range: string) => ReadonlyMap<string, CelType> | undefined;
}

export function recordOf(
  what: RecordType['what'],
  fields: readonly (readonly [string, CelType])[],
  others?: CelType,
): RecordType {
  return { kind: 'record', what, fields: new Map(fields), ...(others === undefined ? {} : { others }) };
}

/** The parameters of a workflow, or the inputs of a reusable step. */
export function parametersRecord(parameters: Readonly<Record<string, Parameter>>): RecordType {
  const fields = Object.entries(parameters).map(([name, each]) => [name, typeOfParameter(each)] as const);
  return recordOf('parameter', fields);
}

export const RUN: RecordType = recordOf('field', [['id', STRING]]);

/** What `error` is in the steps of `catch`. */
export const ERROR: RecordType = recordOf('field', [
  ['step', STRING],
  ['code', STRING],
  ['message', STRING],
]);

/** What a step is in the expressions of others. */
export function stepRecord(step: Step, context: NameContext): RecordType {
  return recordOf('field', [
    ['status', STRING],
    ['outputs', outputsOfStep(step, context)],
  ]);
}

function outputsOfStep(step: Step, context: NameContext): CelType {
  const outputs = outputsOfWork(step.work, context);
  if (step.foreach !== undefined) return { kind: 'list', item: outputs };
  // A step that was skipped by its own condition has none.
  return step.when === undefined ? outputs : { ...outputs, optional: new Set(outputs.fields.keys()) };
}

/** What a shell step writes to $SHEAF_OUTPUT is not known. */
const SHELL_FIELDS: readonly (readonly [string, CelType])[] = [
  ['stdout', STRING],
  ['exit_code', INT],
];
const SHELL = recordOf('field', SHELL_FIELDS, DYN);
const ANY = recordOf('field', [], DYN);
const NONE = recordOf('field', []);
const EVENT = recordOf('field', [['event', DYN]]);

function outputsOfWork(work: Work, context: NameContext): RecordType {
  switch (work.kind) {
    case 'shell':
      return SHELL;
    case 'script':
      return ANY;
    case 'wait':
      return NONE;
    case 'await_event':
      return EVENT;
    case 'block':
      return blockRecord(work.steps, context);
    case 'action':
      return outputsOfAction(work.uses, context);
  }
}

function blockRecord(steps: Readonly<Record<string, Step>>, context: NameContext): RecordType {
  const fields = new LazyFields(Object.keys(steps), (id) => {
    const step = steps[id];
    return step === undefined ? DYN : outputsOfStep(step, context);
  });
  return { kind: 'record', what: 'field', fields };
}

function outputsOfAction(uses: string, context: NameContext): RecordType {
  const used = findUsed(uses, context.definition, context.catalogue);
  switch (used.kind) {
    case 'unknown':
    case 'ambiguous':
      return ANY;
    case 'template': {
      const { work, outputs } = used.template;
      // One of [actions] never uses another, so this does not go round in circles.
      const isOther = work.kind === 'action' && Object.hasOwn(context.definition.actions, work.uses);
      const own = isOther ? ANY : outputsOfWork(work, context);
      const declared = Object.entries(outputs).map(([name, type]) => [name, OUTPUTS[type]] as const);
      return declared.length === 0 ? own : recordOf('field', [...own.fields, ...declared]);
    }
    case 'action': {
      const { outputs, otherOutputs } = used.manifest;
      return recordOf(
        'field',
        Object.entries(outputs).map(([name, output]) => [name, typeOfForm(output)] as const),
        ...(otherOutputs === undefined ? [] : [typeOfForm(otherOutputs)]),
      );
    }
    case 'workflow': {
      const fields = context.outputsOf(used.name, used.range);
      return fields === undefined ? ANY : { kind: 'record', what: 'field', fields };
    }
  }
}

const OUTPUTS: Readonly<Record<OutputType, CelType>> = {
  string: STRING,
  integer: INT,
  number: DOUBLE,
  boolean: BOOL,
  list: { kind: 'list', item: DYN },
  map: { kind: 'map', value: DYN },
  json: DYN,
};

function typeOfForm({ type, items, fields }: ActionOutput): CelType {
  if (type === 'list' && items !== undefined) return { kind: 'list', item: typeOfForm(items) };
  if (type !== 'map') return OUTPUTS[type];
  if (fields === undefined) return { kind: 'map', value: items === undefined ? DYN : typeOfForm(items) };
  return recordOf(
    'field',
    Object.entries(fields).map(([name, field]) => [name, typeOfForm(field)] as const),
  );
}

function typeOfParameter(parameter: Parameter): CelType {
  if (parameter.type === 'secret') return SECRET;
  if (!parameter.required && parameter.default === undefined) return DYN;
  switch (parameter.type) {
    case 'string':
    case 'enum':
    case 'path':
      return STRING;
    case 'integer':
      return INT;
    case 'number':
      return DOUBLE;
    case 'boolean':
      return BOOL;
    case 'json':
      return DYN;
  }
}

/** Fields whose types are found when they are asked for: a scope may have thousands of steps that nothing reads. */
export class LazyFields implements ReadonlyMap<string, CelType> {
  readonly #keys: ReadonlySet<string>;
  readonly #find: (key: string) => CelType;
  readonly #outer: ReadonlyMap<string, CelType> | undefined;
  readonly #known = new Map<string, CelType>();

  /** What is not among the keys is looked up in `outer`. */
  constructor(keys: Iterable<string>, find: (key: string) => CelType, outer?: ReadonlyMap<string, CelType>) {
    this.#keys = new Set(keys);
    this.#find = find;
    this.#outer = outer;
  }

  get size(): number {
    return [...this.keys()].length;
  }

  has(key: string): boolean {
    return this.#keys.has(key) || this.#outer?.has(key) === true;
  }

  get(key: string): CelType | undefined {
    if (!this.#keys.has(key)) return this.#outer?.get(key);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#find(key);
    this.#known.set(key, found);
    return found;
  }

  *keys(): MapIterator<string> {
    yield* this.#keys;
    for (const key of this.#outer?.keys() ?? []) if (!this.#keys.has(key)) yield key;
  }

  *values(): MapIterator<CelType> {
    for (const [, type] of this.entries()) yield type;
  }

  *entries(): MapIterator<[string, CelType]> {
    for (const key of this.keys()) {
      const type = this.get(key);
      if (type !== undefined) yield [key, type];
    }
  }

  [Symbol.iterator](): MapIterator<[string, CelType]> {
    return this.entries();
  }

  forEach(visit: (value: CelType, key: string, map: ReadonlyMap<string, CelType>) => void): void {
    for (const [key, type] of this.entries()) visit(type, key, this);
  }
}
