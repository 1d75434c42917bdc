import type { KeyId, Leaf, PublishLeaf, StateLeaf } from '@sheaf/bundle';
import type { AuditEvent } from '@sheaf/client';
import type { AuditEventJson } from '../json/audit-event.js';
import { printable } from '../terminal/escape.js';
import { shortId } from '../terminal/text.js';

/** `#12  2026-03-01T09:00:00Z  publish  acme/deploy@1.2.0 …`: one entry of a log on one line; for eyes with
 * only so much of each digest as is recognised. */
export function auditLine(event: AuditEvent, isForEyes: boolean): string {
  const { index, namespace, type, leaf } = event;
  const what =
    leaf === undefined
      ? `${namespace} (this version does not know what it means: upgrade sheaf)`
      : describe(leaf);
  const shown = isForEyes ? what.replace(/\b[0-9a-f]{64}\b/g, shortId) : what;
  return printable(`#${index}  ${timeOf(event)}  ${type.padEnd(12)}  ${shown}`);
}

/** The entry as a JSON document; the leaf is as it stands in the log. */
export function auditDocument(event: AuditEvent): AuditEventJson & { readonly schema: string } {
  const { index, namespace, type, leaf } = event;
  return {
    schema: 'sheaf.audit-event/1',
    index,
    time: timeOf(event),
    namespace,
    type,
    ...(leaf === undefined ? {} : { leaf }),
  };
}

/** Seconds that no date can hold are shown as they are. */
function timeOf({ time }: AuditEvent): string {
  const date = new Date(time * 1000);
  return Number.isNaN(date.getTime()) ? `${time}s` : date.toISOString().replace('.000Z', 'Z');
}

function describe(leaf: Leaf): string {
  const recovery = 'recovery' in leaf ? ', BY RECOVERY' : '';
  switch (leaf.type) {
    case 'ns.create':
    case 'ns.transfer':
      return leaf.ns;
    case 'ns.policy':
      return `${leaf.ns} asks for ${leaf.threshold} of its keys${signedBy(leaf.by)}`;
    case 'key.add':
      return `${leaf.ns} ${shortId(leaf.keyid)}${signedBy(leaf.by)}${recovery}`;
    case 'key.revoke': {
      const from = leaf.fromIndex === undefined ? '' : ` from #${leaf.fromIndex}`;
      return `${leaf.ns} ${shortId(leaf.keyid)} ${leaf.reason}${from}${signedBy(leaf.by)}${recovery}`;
    }
    case 'key.ephemeral': {
      const { ns, name, keyid, issuer, identity, claims } = leaf;
      const told = Object.entries({ ...identity, ...claims }).map(([claim, value]) => `${claim}=${value}`);
      const bound = name === undefined ? ns : `${ns}/${name}`;
      return `${bound} ${shortId(keyid)}, said by ${issuer} to be ${told.join(' ')}`;
    }
    case 'publish':
      return `${releaseOf(leaf)} sha256:${leaf.tar.sha256}${signedBy(leaf.keyids)}`;
    case 'deprecate':
    case 'yank':
    case 'quarantine': {
      const instead = leaf.replacement === undefined ? '' : ` (use ${leaf.replacement})`;
      return `${releaseOf(leaf)}: ${leaf.reason}${instead}`;
    }
    case 'undeprecate':
    case 'unyank':
    case 'unquarantine':
      return leaf.reason === undefined ? releaseOf(leaf) : `${releaseOf(leaf)}: ${leaf.reason}`;
    case 'channel.set':
      return `${leaf.ns}/${leaf.name} ${leaf.channel} is ${leaf.version}`;
    case 'channel.remove':
      return `${leaf.ns}/${leaf.name} ${leaf.channel}`;
  }
}

function releaseOf({ ns, name, version }: PublishLeaf | StateLeaf): string {
  return `${ns}/${name}@${version}`;
}

function signedBy(keys: readonly KeyId[]): string {
  return `, signed by ${keys.map(shortId).join(' ')}`;
}
