import { canonicalJson } from '../encoding/canonical-json.js';
import { readMembers } from '../encoding/members.js';
import { parseStrictJson } from '../encoding/strict-json.js';
import { BundleError } from '../error.js';
import type { LoggedLeaf } from '../receipt/logged-leaf.js';
import { readStandingEvent, type StandingEvent, standingEventValue } from './standing-event.js';

const MAX_STANDING_BYTES = 1 << 20;
/** The longest key history: 256 events, each with an envelope of 16 signatures, are less. */
export const MAX_KEY_HISTORY_BYTES = 4 << 20;
const MAX_STANDING_EVENTS = 1024;

/**
 * What a log says of a release beyond its receipt, or of a namespace's keys: leaves with their proofs against one
 * checkpoint. Nothing in here is true before it was checked.
 */
export interface Standing {
  /** By index, ascending, each index once. */
  readonly events: readonly StandingEvent[];
  /** A signed note. */
  readonly checkpoint: string;
}

/** The standing in canonical JSON. @throws BundleError `standing.invalid` */
export function encodeStanding(standing: Standing): Uint8Array {
  checkOrder(standing.events);
  return canonicalJson({
    v: 1,
    events: standing.events.map(standingEventValue),
    checkpoint: standing.checkpoint,
  });
}

/** Parses a standing of at most 1 MiB and 1,024 events. @throws BundleError `standing.invalid`, `envelope.invalid` */
export function parseStanding(bytes: Uint8Array): Standing {
  return parse(bytes, MAX_STANDING_BYTES);
}

/** Parses a key history of at most 4 MiB and 1,024 events. @throws BundleError `standing.invalid`, `envelope.invalid` */
export function parseKeyHistory(bytes: Uint8Array): Standing {
  return parse(bytes, MAX_KEY_HISTORY_BYTES);
}

function parse(bytes: Uint8Array, maxBytes: number): Standing {
  const document = parseStrictJson(bytes, maxBytes, 'standing.invalid', 'the standing');
  const members = readMembers(document, 'standing.invalid', 'the standing');
  if (members.count('v') !== 1) members.fail('v', 'is not 1');
  const standing = {
    events: members.objects('events', MAX_STANDING_EVENTS).map(readStandingEvent),
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
