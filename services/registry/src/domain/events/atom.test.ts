import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventRow } from '../../db/event-queries.js';
import { renderAtom } from './atom.js';
import { EVENT_TOPICS } from './event.js';

const event = (changes: Partial<EventRow> = {}): EventRow => ({
  position: 7,
  at: new Date('2026-01-02T03:04:05.678Z'),
  topic: 'workflow.published',
  realm: 'public',
  log_index: 12,
  namespace: 'acme',
  workflow: 'deploy',
  version: '1.2.0',
  detail: {},
  ...changes,
});
const feed = (events: readonly EventRow[]) =>
  renderAtom({
    origin: 'wf.example.com',
    publicUrl: 'http://127.0.0.1:7970',
    path: '/feed.atom',
    subject: undefined,
    events,
  });

describe('the Atom feed', () => {
  it('names what happened, when, and where it stands', () => {
    const text = feed([event()]);
    expect(text).toContain('<title>acme/deploy 1.2.0 was published</title>');
    expect(text).toContain('<id>urn:sheaf:event:wf.example.com:public:12</id>');
    expect(text).toContain('<updated>2026-01-02T03:04:05.678Z</updated>');
    expect(text).toContain('href="http://127.0.0.1:7970/v1/workflows/acme/deploy/1.2.0"');
  });

  it('is valid without any entry', () => {
    expect(feed([])).toContain('<updated>1970-01-01T00:00:00.000Z</updated>');
  });

  it('has a title for each topic', () => {
    for (const topic of EVENT_TOPICS)
      expect(feed([event({ topic, detail: { channel: 'beta' } })])).toMatch(
        /<entry>[^]*<title>[^<]+<\/title>/,
      );
  });

  it('lets no reason out of its element, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('</content>', ']]>', '&lt;', '\u0000\ufffe\ud800'),
        ),
        (reason) => {
          const text = feed([event({ topic: 'release.yanked', detail: { reason } })]);
          const content = /<content type="text">([^]*)<\/content>/.exec(text)?.[1] ?? '<';
          expect(content).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|#39|#13);)/);
          // XML 1.0 §2.2.
          for (const character of text) {
            const code = character.codePointAt(0) ?? 0;
            const isXml =
              [9, 10, 13].includes(code) ||
              (code >= 0x20 && code <= 0xd7ff) ||
              (code >= 0xe000 && code <= 0xfffd) ||
              code >= 0x10000;
            expect(isXml).toBe(true);
          }
        },
      ),
    );
  });
});
