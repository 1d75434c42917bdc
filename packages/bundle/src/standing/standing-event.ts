import type { MemberReader } from '../encoding/members.js';
import { type LoggedLeaf, loggedLeafValue, readLoggedLeaf } from '../receipt/logged-leaf.js';
import { type Envelope, envelopeValue, readEnvelope } from '../statement/envelope.js';

/** A leaf with its proof, and of one about keys perhaps the signed event that it records. */
export interface StandingEvent extends LoggedLeaf {
  /** The log holds its hash only. A key history has it of every event. */
  readonly envelope?: Envelope;
}

/** The event as a value for canonical JSON. */
export function standingEventValue({ envelope, ...leaf }: StandingEvent) {
  return {
    ...loggedLeafValue(leaf),
    ...(envelope === undefined ? {} : { envelope: envelopeValue(envelope) }),
  };
}

/** Reads what {@link standingEventValue} gives. */
export function readStandingEvent(members: MemberReader): StandingEvent {
  const envelope = members.optionalValue('envelope');
  const leaf = readLoggedLeaf(members);
  return envelope === undefined ? leaf : { ...leaf, envelope: readEnvelope(envelope) };
}
