import { parseLeaf, type Receipt, type Standing } from '@sheaf/bundle';
import type { Pin } from '../pin.js';
import { keepStandings } from '../verification-standing.js';
import type { VerifiedReceipt } from '../verification-types.js';
import type { LockedDependency, LockedRegistry, LockedWorkflow } from './lockfile.js';
import { compareDependencies } from './order.js';
import { readProvenFields } from './proven-fields.js';

/** The entry of a verified workflow. */
export function createLockedEntry(
  verified: VerifiedReceipt,
  registry: string,
  dependencies: readonly LockedDependency[],
): LockedWorkflow {
  const { id, version, receipt } = verified;
  const standings = withEvents(verified.standings);
  return {
    ...fieldsOf(receipt, standings),
    id,
    version,
    registry,
    dependencies: [...dependencies].sort(compareDependencies),
    receipt,
    standings,
  };
}

/** The same entry, with what is known of the release now. */
export function refreshLockedEntry(entry: LockedWorkflow, verified: VerifiedReceipt): LockedWorkflow {
  return withStandings(entry, verified.standings);
}

/** The same entry, with facts about the release for which it is refused: so it is for whoever has the lockfile. */
export function refuseLockedEntry(entry: LockedWorkflow, facts: readonly Standing[]): LockedWorkflow {
  const leaf = parseLeaf(entry.receipt.publish.leaf);
  if (leaf.type !== 'publish') return entry;
  const publish = { index: entry.logIndex, leaf };
  return withStandings(entry, keepStandings([...entry.standings, ...facts], publish));
}

function withStandings(entry: LockedWorkflow, all: readonly Standing[]): LockedWorkflow {
  const standings = withEvents(all);
  const { state } = fieldsOf(entry.receipt, standings);
  return { ...entry, state, standings };
}

/** The log that a verified workflow stands in, at the newest checkpoint that was verified. */
export function createLockedRegistry(verified: VerifiedReceipt, pin: Pin): LockedRegistry {
  const { origin, logKey } = pin;
  return { origin, realm: verified.realm, logKey, checkpoint: verified.checkpoint.note };
}

function fieldsOf(receipt: Receipt, standings: readonly Standing[]) {
  const fields = readProvenFields(receipt, standings);
  if (fields === undefined) throw new TypeError('a verified receipt is not one of a publish');
  return fields;
}

/** Documents that say nothing prove nothing later. */
function withEvents(standings: readonly Standing[]): readonly Standing[] {
  return standings.filter(({ events }) => events.length > 0);
}
