import {
  findInterfaceBreaks,
  mustStayCompatible,
  parseVersion,
  type DeclaredParameter,
  type WorkflowDefinition,
} from '@sheaf/workflow';
import type { PublishTarget } from '../../db/publish-queries.js';
import { RegistryError } from '../error.js';
import type { Claim } from './verify-upload.js';

const MAX_TOLD = 100;

/**
 * Refuses a version that breaks the interface of the one before it, unless it is forced. Answers what the audit records of it.
 *
 * @throws RegistryError `interface.breaking`, each break in `errors`
 */
export function assertCompatible(
  { version }: Claim,
  before: PublishTarget['before'],
  definition: WorkflowDefinition,
  isForced: boolean,
): Readonly<Record<string, string>> {
  if (before === undefined || !mustStayCompatible(parseVersion(before.version), version)) return {};
  const breaks = findInterfaceBreaks(
    {
      // Written by this registry from a verified definition.
      parameters: before.parameters as Readonly<Record<string, DeclaredParameter>>,
      outputs: before.outputs as readonly string[],
    },
    { parameters: definition.parameters, outputs: Object.keys(definition.outputs) },
  );
  if (breaks.length === 0) return {};
  if (isForced) return { forced: `breaks the interface of ${before.version} in ${breaks.length} places` };
  throw new RegistryError(
    'interface.breaking',
    `the interface breaks that of ${before.version} in ${breaks.length} ${breaks.length === 1 ? 'place' : 'places'}`,
    { errors: breaks.slice(0, MAX_TOLD).map((each) => ({ ...each, code: 'interface.breaking' })) },
  );
}
