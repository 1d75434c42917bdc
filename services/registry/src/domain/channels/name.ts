import { RegistryError } from '../error.js';

const NAME = /^[a-z](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
/** What a reader of `workflow@…` takes for a version, a range or a digest. */
const READS_AS_SOMETHING_ELSE = /^(?:v*x|v+\d.*|sha256)$/;

/**
 * The name of a channel: 1 to 64 of `a-z`, `0-9` and `-`, beginning with a letter and not ending in `-`; none that reads
 * as a version or a range, such as `v1` or `x`.
 *
 * @throws RegistryError `channel.name_refused`
 */
export function parseChannelName(text: string): string {
  if (!NAME.test(text))
    throw refused('a channel is named with 1 to 64 of a-z, 0-9 and -, beginning with a letter');
  if (READS_AS_SOMETHING_ELSE.test(text))
    throw refused(`${text} reads as a version, a range or a digest, so no channel may be called so`);
  return text;
}

function refused(detail: string): RegistryError {
  return new RegistryError('channel.name_refused', detail);
}
