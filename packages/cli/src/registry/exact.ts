import { parseReference } from '@sheaf/client';
import type { Version, WorkflowId } from '@sheaf/workflow';
import { CliError } from '../frame/errors.js';

/** A reference that names one version. @throws CliError `reference.version_needed` */
export function readExactReference(
  text: string,
  verb: string,
): { readonly id: WorkflowId; readonly version: Version } {
  const { id, selector } = parseReference(text);
  if (selector.kind === 'version') return { id, version: selector.version };
  throw new CliError(
    'reference.version_needed',
    `${verb} needs one version, and ${JSON.stringify(text)} does not name one`,
    {
      hint: [`sheaf ${verb} ${id}@1.2.0`, `sheaf info ${id}  shows the versions`],
    },
  );
}
