import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { findCycles, sortTopologically } from './graph.js';

const graph = fc
  .integer({ min: 1, max: 12 })
  .chain((size) =>
    fc.array(fc.array(fc.nat(size - 1), { maxLength: 4 }), { minLength: size, maxLength: size }),
  )
  .map((needs) => needs.map((nodes) => [...new Set(nodes)]));

describe('graphs', () => {
  it('have either an order or a cycle, and both hold', () => {
    fc.assert(
      fc.property(graph, (needs) => {
        const order = sortTopologically(needs);
        const cycles = findCycles(needs);
        expect(order === undefined).toBe(cycles.length > 0);
        order?.forEach((node, at) => {
          expect(needs[node]?.every((need) => order.indexOf(need) < at)).toBe(true);
        });
        for (const cycle of cycles) {
          cycle.forEach((node, at) => {
            expect(needs[node]).toContain(cycle[(at + 1) % cycle.length]);
          });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('are sorted with the lowest ready node first', () => {
    expect(sortTopologically([[2], [], [], [1]])).toEqual([1, 2, 0, 3]);
  });

  it('are searched once, however many ways lead back', () => {
    const size = 4000;
    const all = Array.from({ length: size }, (_, node) => node);
    const needs = all.map((node) =>
      node < size / 2 ? [node + 1] : [...all.slice(node + 1, node + 2), ...all],
    );
    const cycles = findCycles(needs);
    expect(cycles.length).toBeGreaterThan(0);
    expect(new Set(cycles.flat()).size).toBe(cycles.flat().length);
  });

  it('give cycles that share no node', () => {
    fc.assert(
      fc.property(graph, (needs) => {
        const nodes = findCycles(needs).flat();
        expect(new Set(nodes).size).toBe(nodes.length);
      }),
      { numRuns: 1000 },
    );
  });
});
