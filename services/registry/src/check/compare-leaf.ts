import { isStateLeaf, publicKeyFromRaw, remarksAfter, spkiOf, stateAfter, type Leaf } from '@sheaf/bundle';
import { eventOf } from '../domain/events/event.js';
import type { LoggedRow } from './logged-rows.js';

type Kind = LoggedRow['kind'];
type Fields = Readonly<Record<string, unknown>>;

/** What the rows of a leaf must say, by kind of row. Kinds that are not named must not be there. */
export function expectedRows(leaf: Leaf): ReadonlyMap<Kind, Fields> {
  const rows = new Map<Kind, Fields>();
  const { ns } = leaf;
  if (isStateLeaf(leaf)) {
    const { reason = null, replacement = null } = remarksAfter(leaf);
    rows.set('state', {
      ns,
      name: leaf.name,
      version: leaf.version,
      state: stateAfter(leaf.type),
      reason,
      replacement,
    });
  } else {
    const own = ownRow(leaf);
    if (own) rows.set(...own);
  }
  rows.set('audit', { ns });
  const event = eventOf(leaf);
  if (event)
    rows.set('event', {
      ns,
      topic: event.topic,
      name: event.workflow ?? null,
      version: event.version ?? null,
    });
  return rows;
}

function ownRow(leaf: Leaf): [Kind, Fields] | undefined {
  const { ns } = leaf;
  switch (leaf.type) {
    case 'ns.create':
      return ['namespace', { ns }];
    case 'key.add':
      return [
        'key',
        { ns, keyid: leaf.keyid, key: leaf.key, recovery: leaf.recovery ?? false, event: leaf.event },
      ];
    case 'key.revoke':
      return [
        'revocation',
        { ns, keyid: leaf.keyid, reason: leaf.reason, fromIndex: leaf.fromIndex ?? null, event: leaf.event },
      ];
    case 'ns.policy':
      return ['policy', { ns, threshold: leaf.threshold, event: leaf.event }];
    case 'key.ephemeral':
      return ['ephemeral', { ns, keyid: leaf.keyid, key: leaf.key }];
    case 'channel.set':
      return ['channel', { ns, name: leaf.name, channel: leaf.channel, version: leaf.version }];
    case 'channel.remove':
      return ['channel', { ns, name: leaf.name, channel: leaf.channel, version: null }];
    case 'publish':
      return [
        'version',
        {
          ns,
          name: leaf.name,
          version: leaf.version,
          tar: leaf.tar.sha256,
          tarSize: leaf.tar.size,
          blob: leaf.blob.sha256,
          blobSize: leaf.blob.size,
          envelope: leaf.envelope,
          keyids: leaf.keyids,
          t: leaf.t,
        },
      ];
    default:
      return undefined;
  }
}

/** The fields in which a row is not what its leaf says. */
export function differingFields(kind: Kind, expected: Fields, row: Fields): readonly string[] {
  return Object.entries(expected)
    .filter(([name, value]) => JSON.stringify(valueOf(kind, name, row)) !== JSON.stringify(value))
    .map(([name]) => name);
}

function valueOf(kind: Kind, name: string, row: Fields): unknown {
  const value = row[name] ?? null;
  const isRawKey = (kind === 'key' || kind === 'ephemeral') && name === 'key' && typeof value === 'string';
  if (!isRawKey) return value;
  // Leaves hold the key as SPKI, rows its 32 bytes.
  try {
    return Buffer.from(spkiOf(publicKeyFromRaw(Buffer.from(value, 'base64')))).toString('base64');
  } catch {
    return value;
  }
}
