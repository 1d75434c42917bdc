import { stringify } from 'smol-toml';

import { readDefinition } from '../definition.js';
import { formatDiagnostic, type Diagnostic } from '../diagnostics.js';
import { WorkflowError } from '../errors.js';
import type { WorkflowDefinition } from '../model.js';
import type { Surroundings } from '../uses.js';
import type { Checked } from './checked.js';
import type { WorkflowSpec } from './spec.js';

/** A workflow that a program wrote. */
export interface DefinedWorkflow<T extends WorkflowSpec> {
  /** What was given. */
  readonly spec: T;
  /** The same model that a file gives. */
  readonly definition: WorkflowDefinition;
  /** What deserves a look although it is valid; places are those in `toml`. */
  readonly warnings: readonly Diagnostic[];
  /** The definition as a file, `workflow.toml`. */
  readonly toml: string;
}

/**
 * Defines a workflow in TypeScript. It takes what a file holds, under the same keys; a step or a parameter that an expression names and the
 * definition lacks, a default of the wrong type, or an input that one of its actions does not take, is an error of the compiler. What types cannot
 * say is checked as for a file. Throws WorkflowError `definition.invalid` with all that is wrong.
 */
export function defineWorkflow<const T extends WorkflowSpec>(
  spec: T & Checked<T>,
  around: Surroundings = {},
): DefinedWorkflow<T> {
  const toml = stringify(spec);
  const { definition, diagnostics } = readDefinition({ text: toml, file: 'workflow.toml' }, around);
  if (definition === undefined) {
    const [first] = diagnostics;
    throw new WorkflowError('definition.invalid', first?.message ?? 'the definition is not valid', {
      hint: diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n'),
    });
  }
  return { spec, definition, warnings: diagnostics, toml };
}
