import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isScalar, parseDocument } from 'yaml';

import { foldedOffsets } from './string-offsets.js';

const word = fc.constantFrom('a', 'bc', "it''s", 'x.y', '${{', '}}', 'é😀');
const line = fc
  .tuple(fc.constantFrom('', '', '  '), fc.array(word, { maxLength: 4 }), fc.constantFrom('', ' ', '\t'))
  .map(([before, words, after]) => `${before}${words.join(' ')}${after}`);
const lines = fc.array(line, { minLength: 1, maxLength: 6 });

describe('places in folded text', () => {
  it.each(['block', 'plain', 'single', 'double'] as const)(
    'of style %s are those of the same characters',
    (style) => {
      fc.assert(
        fc.property(lines, fc.constantFrom('\n', '\r\n'), (all, newline) => {
          const text = all.join(`${newline}    `).replaceAll(style === 'single' ? '\0' : "''", '"');
          const quoted = {
            block: `>-${newline}    ${text}`,
            plain: text,
            single: `'${text}'`,
            double: `"${text.replaceAll('"', '')}"`,
          };
          const source = `k: ${quoted[style]}${newline}`;
          const document = parseDocument(source);
          const node = document.get('k', true);
          fc.pre(document.errors.length === 0 && isScalar(node) && typeof node.value === 'string');
          if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return;
          const token = source.slice(node.range[0], node.range[1]);
          const offsets = foldedOffsets(token, node.value, style);
          let last = -1;
          for (let at = 0; at < node.value.length; at++) {
            const found = offsets(at) ?? -1;
            expect(found).toBeGreaterThanOrEqual(last);
            if (/\s/.test(node.value[at] ?? '')) continue;
            expect(token[found]).toBe(node.value[at]);
            expect(found).toBeGreaterThan(last);
            last = found;
          }
        }),
        { numRuns: 500 },
      );
    },
  );
});
