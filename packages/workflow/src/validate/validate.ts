import type { JsonValue, WorkflowDefinition } from '../model.js';
import { parseVersion } from '../names.js';
import { WorkflowError } from '../errors.js';
import type { Finding } from '../source/tree.js';
import type { SourceText } from '../source/layers.js';
import type { Surroundings } from '../uses.js';
import { checkArtifacts } from './artifacts.js';
import { checkBundle } from './bundle.js';
import { checkDependencies } from './dependencies.js';
import { mergeAlike } from './merge.js';
import { checkNesting } from './nesting.js';
import { checkParameters } from './parameters.js';
import { checkPermissions } from './permissions.js';
import { checkCycles } from './cycles.js';
import { checkSteps } from './steps.js';
import { analyseTemplates } from './templates.js';
import { checkTexts } from './texts.js';
import { checkTriggers } from './triggers.js';
import { checkUnreachable } from './unreachable.js';
import { checkUnused } from './unused.js';
import { checkUses } from './uses.js';

/** What a definition is checked against besides itself. */
export interface ValidationContext extends Surroundings {
  /** The paths of the bundle. */
  readonly files?: readonly string[];
  /** What is laid over the definition. */
  readonly overlays?: readonly SourceText[];
}

/** Everything that the schema cannot say: meaning, references, order. `data` is the file's data the definition was made of. */
export function validateDefinition(
  definition: WorkflowDefinition,
  data: Readonly<Record<string, JsonValue>>,
  { files, ...around }: ValidationContext,
): readonly Finding[] {
  const analysis = analyseTemplates(definition, around);
  return mergeAlike([
    ...checkVersion(definition),
    ...checkTexts(data),
    ...checkDependencies(definition),
    ...checkBundle(definition, files),
    ...checkParameters(definition, data),
    ...checkSteps(definition, data),
    ...analysis.findings,
    ...checkNesting(definition),
    ...checkCycles(definition, analysis.steps),
    ...checkUses(definition, around, analysis),
    ...checkTriggers(definition),
    ...checkArtifacts(definition, data),
    ...checkUnreachable(definition, analysis),
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
