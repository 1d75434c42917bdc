import type { JsonValue, WorkflowDefinition } from '../model.js';
import { parseVersion } from '../names.js';
import { WorkflowError } from '../errors.js';
import type { Finding } from '../source/tree.js';
import { checkBundle } from './bundle.js';
import { checkDependencies } from './dependencies.js';
import { mergeAlike } from './merge.js';
import { checkParameters, checkUnused } from './parameters.js';
import { checkPermissions } from './permissions.js';
import { checkCycles } from './cycles.js';
import { checkSteps } from './steps.js';
import { analyseTemplates } from './templates.js';
import { checkTexts } from './texts.js';

/** Everything that the schema cannot say: meaning, references, order. `data` is the file's data the definition was made of. */
export function validateDefinition(
  definition: WorkflowDefinition,
  data: Readonly<Record<string, JsonValue>>,
  files: readonly string[] | undefined,
): readonly Finding[] {
  const analysis = analyseTemplates(definition);
  return mergeAlike([
    ...checkVersion(definition),
    ...checkTexts(data),
    ...checkDependencies(definition),
    ...checkBundle(definition, files),
    ...checkParameters(definition, data),
    ...checkSteps(definition, data),
    ...analysis.findings,
    ...checkCycles(definition, analysis.steps),
    ...checkUnused(definition, analysis),
    ...checkPermissions(definition),
  ]);
}

function checkVersion(definition: WorkflowDefinition): readonly Finding[] {
  if (definition.version === '') return [];
  try {
    parseVersion(definition.version);
    return [];
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return [{ code: 'version.invalid', message: error.message, path: ['version'], ...hint }];
  }
}
