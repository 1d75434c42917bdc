import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toStages, type GraphStep } from './stages.js';

const graphs = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 60 }).map((nodes) =>
  nodes.map((needs, index): GraphStep => ({
    id: `s${index}`,
    needs: index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))],
    mayFail: false,
  })),
);

describe('toStages', () => {
  it('puts every step once, behind all it needs, and right behind one of them', () => {
    fc.assert(
      fc.property(graphs, (steps) => {
        const stages = toStages(steps);
        const stageOf = new Map(stages.flatMap((stage, at) => stage.map(({ id }) => [id, at] as const)));
        expect(stages.flat()).toHaveLength(steps.length);
        for (const { id, needs } of steps) {
          const needed = needs.map((need) => stageOf.get(need) ?? -1);
          expect(stageOf.get(id)).toBe(Math.max(-1, ...needed) + 1);
        }
      }),
    );
  });
});
