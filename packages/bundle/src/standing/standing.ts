import { canonicalJson } from '../encoding/canonical-json.js';
import { readMembers } from '../encoding/members.js';
import { parseStrictJson } from '../encoding/strict-json.js';
import { BundleError } from '../error.js';
import { type LoggedLeaf, loggedLeafValue, readLoggedLeaf } from '../receipt/logged-leaf.js';

/** The media type of an encoded standing. */
export const MEDIA_TYPE_STANDING = 'application/vnd.sheaf.standing.v1+json';
const MAX_STANDING_BYTES = 1 << 20;
const MAX_STANDING_EVENTS = 1024;

/**
 * What a log says of a release beyond its receipt, or of a namespace's keys: leaves with their proofs against one
 * checkpoint. Nothing in here is true before it was checked.
 */
export interface Standing {
  /** By index, ascending, each index once. */
  readonly events: readonly LoggedLeaf[];
  /** A signed note. */
  readonly checkpoint: string;
}

/** The standing in canonical JSON. @throws BundleError `standing.invalid` */
export function encodeStanding(standing: Standing): Uint8Array {
  checkOrder(standing.events);
  return canonicalJson({
    v: 1,
    events: standing.events.map(loggedLeafValue),
    checkpoint: standing.checkpoint,
  });
}

/** Parses a standing of at most 1 MiB and 1,024 events. @throws BundleError `standing.invalid` */
export function parseStanding(bytes: Uint8Array): Standing {
  const document = parseStrictJson(bytes, MAX_STANDING_BYTES, 'standing.invalid', 'the standing');
  const members = readMembers(document, 'standing.invalid', 'the standing');
  if (members.count('v') !== 1) members.fail('v', 'is not 1');
  const standing = {
    events: members.objects('events', MAX_STANDING_EVENTS).map(readLoggedLeaf),
    checkpoint: members.string('checkpoint', undefined, MAX_STANDING_BYTES),
  };
  members.end();
  checkOrder(standing.events);
  return standing;
}

function checkOrder(events: readonly LoggedLeaf[]): void {
  if (events.some(({ index }, i) => i > 0 && index <= (events[i - 1]?.index ?? -1))) {
    throw new BundleError('standing.invalid', 'the events of a standing do not ascend by their log index');
  }
}
