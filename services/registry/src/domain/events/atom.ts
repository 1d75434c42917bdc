import type { EventRow } from '../../db/event-queries.js';

export interface AtomFeed {
  /** Host of the registry. */
  readonly origin: string;
  /** Where readers reach the service, without a trailing slash. */
  readonly publicUrl: string;
  /** Path of the feed itself. */
  readonly path: string;
  /** What it tells of: a namespace or a workflow; undefined for the registry. */
  readonly subject: string | undefined;
  /** Newest first. */
  readonly events: readonly EventRow[];
}

const NO_EVENTS_YET = '1970-01-01T00:00:00.000Z';

/** An Atom feed (RFC 4287) of events. Ids never change: they name the leaf of the log. */
export function renderAtom({ origin, publicUrl, path, subject, events }: AtomFeed): string {
  const updated = events[0]?.at.toISOString() ?? NO_EVENTS_YET;
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>${escapeXml(`urn:sheaf:feed:${origin}:${subject ?? ''}`)}</id>
  <title>${escapeXml(`${subject ?? 'Workflows'} at ${origin}`)}</title>
  <updated>${updated}</updated>
  <link rel="self" type="application/atom+xml" href="${escapeXml(`${publicUrl}${path}`)}"/>
  <author><name>${escapeXml(origin)}</name></author>
${events.map((event) => renderEntry(origin, publicUrl, event)).join('')}</feed>
`;
}

function renderEntry(origin: string, base: string, event: EventRow): string {
  const { namespace, workflow, version } = event;
  const about = workflow === null ? `/v1/namespaces/${namespace}` : `/v1/workflows/${namespace}/${workflow}`;
  const link = workflow !== null && version !== null ? `${about}/${version}` : about;
  return `  <entry>
    <id>${escapeXml(`urn:sheaf:event:${origin}:${event.realm}:${event.log_index}`)}</id>
    <title>${escapeXml(titleOf(event))}</title>
    <updated>${event.at.toISOString()}</updated>
    <link rel="alternate" type="application/json" href="${escapeXml(`${base}${link}`)}"/>
    <category term="${escapeXml(event.topic)}"/>
    <content type="text">${escapeXml(summaryOf(event))}</content>
  </entry>
`;
}

/** What happened, in a few words: `acme/deploy 1.2.0 was published`. */
function titleOf({ topic, namespace, workflow, version, detail }: EventRow): string {
  const id = workflow === null ? namespace : `${namespace}/${workflow}`;
  const release = `${id} ${version ?? ''}`.trim();
  const channel = String(detail['channel'] ?? '');
  switch (topic) {
    case 'workflow.published':
      return `${release} was published`;
    case 'release.deprecated':
      return `${release} was deprecated`;
    case 'release.undeprecated':
      return `${release} is not deprecated any more`;
    case 'release.yanked':
      return `${release} was yanked`;
    case 'release.unyanked':
      return `${release} is not yanked any more`;
    case 'release.quarantined':
      return `${release} was quarantined`;
    case 'release.unquarantined':
      return `${release} is not quarantined any more`;
    case 'channel.moved':
      return `${id}: the channel ${channel} is now ${version ?? ''}`;
    case 'channel.removed':
      return `${id}: the channel ${channel} was removed`;
    case 'key.added':
      return `${namespace} has a new key`;
    case 'key.revoked':
      return `A key of ${namespace} was revoked`;
    case 'namespace.created':
      return `The namespace ${namespace} was created`;
    case 'namespace.policy':
      return `${namespace} asks for other signatures`;
    case 'namespace.transferred':
      return `${namespace} has a new owner`;
  }
}

function summaryOf({ realm, log_index: index, detail }: EventRow): string {
  const facts = Object.entries(detail).map(([name, value]) => `${name}: ${String(value)}`);
  return [...facts, `log: ${realm} ${index}`].join('\n');
}

/** What XML 1.0 does not allow at all (§2.2), not even escaped. */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // A parser of XML would make another line break of it (§2.11).
  '\r': '&#13;',
};

function escapeXml(text: string): string {
  return text.replace(NOT_XML, '\uFFFD').replace(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? '');
}
