import type { QueuedLeaf } from '../log/leaves.js';

/** What can happen, for whoever follows the registry. Topics are never renamed. */
export const EVENT_TOPICS = [
  'workflow.published',
  'release.deprecated',
  'release.undeprecated',
  'release.yanked',
  'release.unyanked',
  'release.quarantined',
  'release.unquarantined',
  'channel.moved',
  'channel.removed',
  'key.added',
  'key.revoked',
  'namespace.created',
  'namespace.policy',
  'namespace.transferred',
] as const;

export type EventTopic = (typeof EVENT_TOPICS)[number];

/** What an event says beyond its topic and its subject; no more than its leaf in the log says. */
export type EventDetail = Readonly<Record<string, string | number | boolean>>;

/** What a leaf is as an event. */
export interface LeafEvent {
  readonly topic: EventTopic;
  readonly workflow?: string;
  readonly version?: string;
  readonly detail: EventDetail;
}

/** The event that a leaf is; undefined for one that is nothing to follow, such as the certificate of a short-lived key. */
export function eventOf(leaf: QueuedLeaf): LeafEvent | undefined {
  switch (leaf.type) {
    case 'publish':
      return ofRelease('workflow.published', leaf, { digest: `sha256:${leaf.tar.sha256}` });
    case 'deprecate':
      return ofRelease('release.deprecated', leaf, because(leaf));
    case 'undeprecate':
      return ofRelease('release.undeprecated', leaf, because(leaf));
    case 'yank':
      return ofRelease('release.yanked', leaf, because(leaf));
    case 'unyank':
      return ofRelease('release.unyanked', leaf, because(leaf));
    case 'quarantine':
      return ofRelease('release.quarantined', leaf, because(leaf));
    case 'unquarantine':
      return ofRelease('release.unquarantined', leaf, because(leaf));
    case 'channel.set':
      return ofRelease('channel.moved', leaf, { channel: leaf.channel });
    case 'channel.remove':
      return { topic: 'channel.removed', workflow: leaf.name, detail: { channel: leaf.channel } };
    case 'key.add':
      return { topic: 'key.added', detail: { keyid: leaf.keyid, ...recovered(leaf) } };
    case 'key.revoke':
      return {
        topic: 'key.revoked',
        detail: {
          keyid: leaf.keyid,
          reason: leaf.reason,
          ...(leaf.fromIndex !== undefined && { fromIndex: leaf.fromIndex }),
          ...recovered(leaf),
        },
      };
    case 'ns.create':
      return { topic: 'namespace.created', detail: {} };
    case 'ns.policy':
      return { topic: 'namespace.policy', detail: { threshold: leaf.threshold } };
    case 'ns.transfer':
      return { topic: 'namespace.transferred', detail: {} };
    case 'key.ephemeral':
      return undefined;
  }
}

function ofRelease(
  topic: EventTopic,
  { name, version }: { readonly name: string; readonly version: string },
  detail: EventDetail = {},
): LeafEvent {
  return { topic, workflow: name, version, detail };
}

function because({ reason, replacement }: { readonly reason?: string; readonly replacement?: string }) {
  return { ...(reason !== undefined && { reason }), ...(replacement !== undefined && { replacement }) };
}

function recovered({ recovery }: { readonly recovery?: true }) {
  return recovery === undefined ? {} : { recovery };
}
