import { BUILT_IN_ACTIONS } from '../actions/catalogue.js';
import { WorkflowError } from '../errors.js';
import { checkExpression } from '../expression/check/check.js';
import { findSoleExpression, parseTemplate } from '../expression/segments.js';
import { DYN, STRING, type CelType, type RecordType } from '../expression/types.js';
import type { WorkflowDefinition } from '../model.js';
import type { Surroundings } from '../uses.js';
import { LazyFields, type NameContext } from './names.js';
import { createScopeNames } from './scope-names.js';

/** Workflows that use workflows are looked into no deeper. */
const MAX_DEPTH = 16;

/** What the names of a definition are found in. The outputs of workflows that it uses have the types that those give them. */
export function createNameContext(
  definition: WorkflowDefinition,
  { catalogue = BUILT_IN_ACTIONS, workflows }: Surroundings,
  depth = 0,
): NameContext {
  const known = new Map<string, ReadonlyMap<string, CelType> | undefined>();
  const find = (id: string, range: string) => {
    const used = depth >= MAX_DEPTH ? undefined : workflows?.(id, range);
    if (used === undefined) return undefined;
    const find = used.workflows ?? workflows;
    const inner = createNameContext(
      used.definition,
      { catalogue, ...(find === undefined ? {} : { workflows: find }) },
      depth + 1,
    );
    return typesOfOutputs(inner);
  };
  return {
    definition,
    catalogue,
    outputsOf: (id, range) => {
      if (!known.has(id)) known.set(id, find(id, range));
      return known.get(id);
    },
  };
}

function typesOfOutputs(context: NameContext): ReadonlyMap<string, CelType> {
  const { outputs } = context.definition;
  const { top } = createScopeNames(context);
  return new LazyFields(Object.keys(outputs), (name) => typeOfText(outputs[name] ?? '', top));
}

/** The type of what a text of a valid definition evaluates to. */
function typeOfText(template: string, names: RecordType): CelType {
  try {
    const sole = findSoleExpression(parseTemplate(template));
    if (sole === undefined) return STRING;
    const references = { parameters: new Set<string>(), steps: new Map(), readsAnyParameter: false };
    return checkExpression(sole, names, references, { remaining: 0 }).type;
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    return DYN;
  }
}
