import { parseVersion, parseWorkflowId, splitWorkflowId, type Version } from '@sheaf/workflow';
import type { Db } from '../../db/connection.js';
import { isPublishedIn, type VersionRef, type WorkflowRef } from '../../db/workflow-queries.js';
import { RegistryError } from '../error.js';
import { PUBLIC_REALM } from '../log/realms.js';
import { invalidField } from './invalid-field.js';

/** What is to be used instead of a release: a workflow, or one version of it. */
export interface Replacement extends WorkflowRef {
  readonly version?: Version;
}

/** @throws RegistryError `request.invalid` */
export function parseReplacement(text: string): Replacement {
  const [id = '', version, ...rest] = text.split('@');
  try {
    if (rest.length > 0) throw new Error('there is more than one @');
    const workflow = splitWorkflowId(parseWorkflowId(id));
    return version === undefined ? workflow : { ...workflow, version: parseVersion(version) };
  } catch (cause) {
    throw invalidField('replacement', 'must be namespace/name or namespace/name@version', cause);
  }
}

/**
 * Refuses what is not there for everybody who may see the release. What only the caller may see is refused in the words for
 * what does not exist.
 *
 * @throws RegistryError `state.replacement_unknown`
 */
export async function assertReplacement(
  db: Db,
  replacement: Replacement,
  { ref, realm }: { readonly ref: VersionRef; readonly realm: string },
): Promise<void> {
  const { namespace, name, version } = replacement;
  const isItself = namespace === ref.namespace && name === ref.name && version === ref.version;
  if (!isItself && (await isPublishedIn(db, [PUBLIC_REALM, realm], replacement))) return;
  const what = `${namespace}/${name}${version === undefined ? '' : `@${version}`}`;
  throw new RegistryError(
    'state.replacement_unknown',
    isItself ? `${what} cannot replace itself` : `${what} is not there for everybody who sees this version`,
  );
}
