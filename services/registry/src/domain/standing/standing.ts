import { encodeStanding, parseEnvelope, type StandingEvent } from '@sheaf/bundle';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../db/connection.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { keyEnvelopesOf, keyHistoryOf, standingOf, type StandingRow } from '../../db/standing-queries.js';
import type { VersionRef } from '../../db/workflow-queries.js';
import { RegistryError } from '../error.js';
import { findCosignedNote } from '../log/cosigned-notes.js';
import { provenLeaves } from '../log/log-reader.js';
import { getPublished } from '../workflows/documents.js';
import type { RenderedDocuments } from './rendered.js';

export interface StandingDeps {
  readonly db: Db;
  readonly rendered: RenderedDocuments;
}

/**
 * What the log says of a release beyond its receipt, proven against the newest checkpoint.
 *
 * @throws RegistryError `workflow.not_found`, `version.not_found`
 */
export async function renderStanding(deps: StandingDeps, ref: VersionRef): Promise<Buffer> {
  const { db } = deps;
  const version = await getPublished(db, ref);
  const { realm } = version;
  return render(deps, realm, () =>
    standingOf(db, {
      versionId: version.id,
      realm,
      namespace: ref.namespace,
      keyIds: version.key_ids,
      logIndex: version.log_index,
    }),
  );
}

/**
 * All events of the keys of a namespace, each with its signed envelope, proven against the newest checkpoint. At most
 * 4 MiB: the number of events is bounded where they are accepted.
 *
 * @throws RegistryError `namespace.not_found`
 */
export async function renderKeyHistory(deps: StandingDeps, name: string): Promise<Buffer> {
  const { db } = deps;
  const namespace = await findNamespace(db, name);
  if (!namespace) throw new RegistryError('namespace.not_found', `there is no namespace ${name}`);
  const { id, realm } = namespace;
  return render(
    deps,
    realm,
    () => keyHistoryOf(db, realm, id),
    () => keyEnvelopesOf(db, id),
  );
}

async function render(
  { db, rendered }: StandingDeps,
  realm: string,
  find: FindEvents,
  findEnvelopes?: () => Promise<ReadonlyMap<number, Buffer>>,
): Promise<Buffer> {
  const row = await findCovered(find);
  const checkpoint = await findCosignedNote({ db, realm }, row.size);
  if (checkpoint === undefined) throw new Error(`the log of ${realm} has no checkpoint of size ${row.size}`);
  // The document follows from these; cosignatures come to the checkpoint for a while after the log has grown.
  const isSigned = findEnvelopes !== undefined;
  return rendered.get(JSON.stringify([realm, row.indices, checkpoint, isSigned]), async () => {
    const leaves = await provenLeaves({ db, realm }, row.indices, row.size);
    const envelopes = await findEnvelopes?.();
    const events = leaves.map((leaf): StandingEvent => {
      const envelope = envelopes?.get(leaf.index);
      return envelope === undefined ? leaf : { ...leaf, envelope: parseEnvelope(envelope) };
    });
    return Buffer.from(encodeStanding({ events, checkpoint }));
  });
}

type FindEvents = () => Promise<StandingRow | undefined>;

const POLL_MS = 20;
const MAX_POLLS = 50;

/** Events have their place a moment before the checkpoint that covers them is copied: longer only while the log is frozen. */
async function findCovered(find: FindEvents): Promise<StandingRow> {
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const row = await find();
    if (row === undefined) break;
    if (row.indices.every((index) => index < row.size)) return row;
    await sleep(POLL_MS);
  }
  throw new RegistryError('service.log_lagging', 'the log has not confirmed the newest events yet');
}
