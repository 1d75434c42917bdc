import type { PlanOptions } from '@sheaf/workflow';
import type { WorkflowSource } from '../workflow/source.js';

/** What a plan of a definition on disk is made with. */
export function catalogueIn({ catalogue }: WorkflowSource): PlanOptions {
  return catalogue === undefined ? {} : { catalogue };
}
