import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteCollector } from './byte-collector.js';

test('gives back what was pushed, up to its limit and no byte more', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 8 }),
      fc.nat(100_000),
      (chunks, limit) => {
        const collector = createByteCollector(limit);
        const kept: Uint8Array[] = [];
        for (const chunk of chunks) if (collector.push(chunk)) kept.push(chunk);
        const expected = Buffer.concat(kept);
        expect(collector.sizeBytes).toBe(expected.length);
        expect(expected.length).toBeLessThanOrEqual(limit);
        expect(collector.take().equals(expected)).toBe(true);
      },
    ),
  );
});
