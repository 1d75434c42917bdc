import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderMarkdown, renderPlainText } from './markdown.js';

test.each([
  ['<script>alert(1)</script>', '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n'],
  ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>\n'],
  ['[x](JaVaScRiPt:alert(1))', '<p>[x](JaVaScRiPt:alert(1))</p>\n'],
  ['[x](data:text/html,hi)', '<p>[x](data:text/html,hi)</p>\n'],
  ['[x](//evil.example/)', '<p>[x](//evil.example/)</p>\n'],
  ['[x](/v1/tokens)', '<p>[x](/v1/tokens)</p>\n'],
  ['[x](./%2e%2e/%2E./x)', '<p>[x](./%2e%2e/%2E./x)</p>\n'],
  ['[x](a/.%2e/..%5cx)', '<p>[x](a/.%2e/..%5cx)</p>\n'],
  ['[x](../../secret)', '<p>[x](../../secret)</p>\n'],
  [
    '[x](https://a.example/?a=1&b="2")',
    '<p><a href="https://a.example/?a=1&amp;b=%222%22" rel="nofollow noopener noreferrer ugc">x</a></p>\n',
  ],
  ['[x](./docs/a.md)', '<p><a href="files/docs/a.md" rel="nofollow noopener noreferrer ugc">x</a></p>\n'],
  [
    '![logo](https://a.example/x.png)',
    '<p><a href="https://a.example/x.png" rel="nofollow noopener noreferrer ugc">logo</a></p>\n',
  ],
  ['![a"b](javascript:x)', '<p>![a&quot;b](javascript:x)</p>\n'],
])('%s becomes %s', (text, html) => {
  expect(renderMarkdown(text)).toBe(html);
});

test('text that is no Markdown is shown as it is', () => {
  expect(renderPlainText('# a <b>')).toBe('<pre># a &lt;b&gt;</pre>\n');
});

test('nothing that an author writes loads or runs anything', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '(',
    ')',
    '!',
    '<',
    '>',
    '"',
    "'",
    '`',
    '*',
    '_',
    '\n',
    ' ',
    ':',
    '//',
    'javascript:',
    'data:',
    '<img src=x onerror=y>',
    '&#106;',
    '&colon;',
    'https://a.example/',
    '\\',
    '[a]: ',
    '\u0000',
    '|',
    '~~~',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const html = renderMarkdown(pieces.join(''));
      expect(html).not.toMatch(
        /<(?!\/?(?:p|a|em|strong|code|pre|h[1-6]|blockquote|ul|ol|li|hr|br|s|table|thead|tbody|tr|th|td)\b)/,
      );
      for (const [, href = ''] of html.matchAll(/href="([^"]*)"/g))
        expect(href).toMatch(/^(?:https?:|mailto:|#|files\/)/i);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['brackets', '['.repeat(50_000)],
  ['nested emphasis', '*a _b '.repeat(20_000)],
  ['links', '[a]('.repeat(25_000)],
  ['quotes', '>'.repeat(50_000)],
  ['backticks', Array.from({ length: 400 }, (_, i) => '`'.repeat(i)).join(' ')],
  ['tables', `${'|a'.repeat(1000)}\n${'|-'.repeat(1000)}\n${`${'|b'.repeat(10)}\n`.repeat(2000)}`],
])('a hostile README of many %s takes no more than a moment', (_what, text) => {
  const before = process.cpuUsage();
  renderMarkdown(text);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
});
