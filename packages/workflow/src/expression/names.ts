import type { Parameter, WorkflowDefinition } from '../model.js';
import { BOOL, DOUBLE, DYN, INT, STRING, type CelType, type RecordType } from './types.js';

/** The names an expression of a definition may use, with their types. */
export function namesOfDefinition(definition: WorkflowDefinition): RecordType {
  const parameters = Object.entries(definition.parameters).map(
    ([name, parameter]) => [name, typeOfParameter(parameter)] as const,
  );
  const steps = Object.keys(definition.steps).map((id) => [id, STEP] as const);
  return record('field', [
    ['params', record('parameter', parameters)],
    ['steps', record('step', steps)],
    ['run', record('field', [['id', STRING]])],
  ]);
}

function record(
  what: RecordType['what'],
  fields: readonly (readonly [string, CelType])[],
  others?: CelType,
): RecordType {
  return { kind: 'record', what, fields: new Map(fields), ...(others === undefined ? {} : { others }) };
}

/** Of a step's outputs only these two are known; the others are what it writes to $SHEAF_OUTPUT. */
const OUTPUTS = record(
  'field',
  [
    ['stdout', STRING],
    ['exit_code', INT],
  ],
  DYN,
);
const STEP = record('field', [
  ['status', STRING],
  ['outputs', OUTPUTS],
]);

function typeOfParameter(parameter: Parameter): CelType {
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
