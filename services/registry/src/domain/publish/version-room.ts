import type { PublishTarget } from '../../db/publish-queries.js';
import { RegistryError } from '../error.js';
import type { Claim } from './verify-upload.js';

/**
 * Refuses versions that a workflow has no room for, in the order of one publish: its document tells of every version, and
 * everybody may ask for it. Others that publish to the same workflow at this moment are not seen, so it may come to have a few
 * more.
 *
 * @param most versions of a workflow; undefined for as many as it likes
 * @returns to be asked for each version that is not there yet; throws RegistryError `quota.exceeded`
 */
export function createVersionRoom(
  most = Number.POSITIVE_INFINITY,
): (claim: Pick<Claim, 'namespace' | 'name'>, target: Pick<PublishTarget, 'versions'>) => void {
  const added = new Map<string, number>();
  return ({ namespace, name }, { versions }) => {
    const id = `${namespace}/${name}`;
    const count = (added.get(id) ?? 0) + 1;
    added.set(id, count);
    if (versions + count > most)
      throw new RegistryError(
        'quota.exceeded',
        `with this, workflow ${id} would have ${versions + count} versions, and may have ${most}`,
      );
  };
}
