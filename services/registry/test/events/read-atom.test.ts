import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventRow } from '../../src/db/event-queries.js';
import { renderAtom } from '../../src/domain/events/atom.js';
import { EVENT_TOPICS } from '../../src/domain/events/event.js';
import { readAtom } from './read-atom.js';

const event = (changes: Partial<EventRow> = {}): EventRow => ({
  position: 7,
  at: new Date('2026-01-02T03:04:05.678Z'),
  topic: 'release.yanked',
  realm: 'public',
  log_index: 12,
  namespace: 'acme',
  workflow: 'deploy',
  version: '1.2.0',
  detail: {},
  ...changes,
});
const render = (events: readonly EventRow[], subject?: string) =>
  renderAtom({
    origin: 'wf.example.com:8443',
    publicUrl: 'http://[::1]:7970/a?b=c&d',
    path: '/feed.atom',
    subject,
    events,
  });
const read = (text: string) => readAtom(Buffer.from(text));

describe('a feed, read by the rules of RFC 4287', () => {
  it.each([undefined, 'acme', 'acme/deploy'])('is valid without an entry, for %s', (subject) => {
    expect(read(render([], subject)).entries).toEqual([]);
  });

  it.each(EVENT_TOPICS.flatMap((topic) => [[topic, 'deploy'] as const, [topic, null] as const]))(
    'is valid with %s of the workflow %s',
    (topic, workflow) => {
      const detail = { channel: 'beta', reason: 'too <b>old</b> & "slow"', replacement: 'acme/new@1.0.0' };
      const version = workflow === null ? null : '1.2.0-rc.1+build';
      const { self, entries } = read(render([event({ topic, workflow, version, detail })]));
      expect(self).toBe('http://[::1]:7970/a?b=c&d/feed.atom');
      expect(entries).toHaveLength(1);
      expect(entries[0]?.content).toContain('reason: too <b>old</b> & "slow"\n');
    },
  );

  it('gives a reader the very text, but for what XML cannot hold', () => {
    const hostile = fc.constantFrom(
      ']]>',
      '</content>',
      '<!--',
      '&#0;',
      '&amp;',
      '\r\n',
      '\r',
      '\u0085\u2028',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(hostile).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (reason) => {
        const [entry] = read(render([event({ detail: { reason } })])).entries;
        const kept = reason.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
        expect(entry?.content).toBe(`reason: ${kept}\nlog: public 12`);
      }),
    );
  });
});

describe('the reader of the tests', () => {
  const text = render([event(), event({ log_index: 13 })]);
  const once = (from: string | RegExp, to: string) => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`the feed has no ${String(from)}`);
    return changed;
  };
  it.each([
    ['is cut short', text.slice(0, -8)],
    ['has a character that XML forbids', once('yanked', 'yan\u0001ked')],
    ['has an element of nobody', once('<entry>', '<entry><extra/>')],
    ['is in no namespace', once(/ xmlns="[^"]*"/, '')],
    ['has no title', once(/<title>[^<]*<\/title>/, '')],
    ['has an entry without an id', once(/(<entry>[^]*?)<id>[^<]*<\/id>/, '$1')],
    ['has an entry with two times', once(/<entry>/, '<entry><updated>2026-01-01T00:00:00Z</updated>')],
    ['has no author', once(/<author>[^]*?<\/author>/, '')],
    ['has a time without a zone', once('05.678Z', '05.678')],
    ['has a time of no day', once('2026-01-02', '2026-13-02')],
    ['has a relative id', once('urn:sheaf:event:', 'event/')],
    ['has an id with a space', once('urn:sheaf:event:', 'urn:sheaf:event: ')],
    ['gives an id twice', text.replaceAll(':public:13', ':public:12')],
    ['has an entry that is newer than it', once(/(<entry>[^]*?)2026-01-02/, '$12026-01-03')],
    ['has a link that leads nowhere', once(/(<entry>[^]*?)href="[^"]*"/, '$1')],
    ['does not say where it is', once('rel="self"', 'rel="alternate"')],
    ['has a type that is no media type', once('type="application/json"', 'type="json"')],
    ['has markup in its text', once(/(<entry>[^]*?)<title>/, '$1<title><b/>')],
    ['has content of an unknown type', once('<content type="text">', '<content type="markdown">')],
    ['has text between its elements', once('<entry>', 'and<entry>')],
    ['goes on after its entries', once('</feed>', '<category term="a"/></feed>')],
  ])('refuses a feed that %s', (_, broken) => {
    expect(read(text).entries).toHaveLength(2);
    expect(() => read(broken)).toThrow();
  });
});
