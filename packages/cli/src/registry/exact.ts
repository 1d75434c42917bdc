import type { Version, WorkflowId } from '@sheaf/workflow';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { readReference } from '../project/read-reference.js';

/** A reference that names one version. @throws CliError `reference.version_needed`; as `readReference` */
export async function readExactReference(
  context: Pick<Context, 'cwd' | 'env'>,
  text: string,
  verb: string,
): Promise<{ readonly id: WorkflowId; readonly version: Version }> {
  const { id, selector } = await readReference(context, text);
  if (selector.kind === 'version') return { id, version: selector.version };
  throw new CliError(
    'reference.version_needed',
    `${verb} needs one version, and ${JSON.stringify(text)} does not name one`,
    {
      hint: [
        `sheaf ${verb} ${id}@1.2.0${verb === 'channel set' ? ' CHANNEL' : ''}`,
        `sheaf info ${id}  shows the versions`,
      ],
    },
  );
}
