import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GraphStep } from '../run/stages.js';
import { layOut, type Laid } from './graph-layout.js';

const graphs = fc
  .array(
    fc.record({ needs: fc.array(fc.nat(), { maxLength: 3 }), width: fc.integer({ min: 20, max: 300 }) }),
    {
      minLength: 1,
      maxLength: 15,
    },
  )
  .map((nodes) => {
    const widths = new Map(nodes.map(({ width }, at) => [`s${at}`, width]));
    const steps = nodes.map(({ needs }, at): GraphStep => {
      const before = at === 0 ? [] : [...new Set(needs.map((need) => `s${need % at}`))];
      return { id: `s${at}`, needs: before, mayFail: false };
    });
    const laid = layOut(steps, (step) => ({
      step,
      width: widths.get(step.id) ?? 0,
      height: 30,
      inner: undefined,
    }));
    return { steps, laid };
  });

/** All that a step waits for, also by way of others. */
function closureOf(edges: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, ReadonlySet<string>> {
  const all = new Map<string, ReadonlySet<string>>();
  for (const [id, needs] of edges)
    all.set(id, new Set(needs.flatMap((need) => [need, ...(all.get(need) ?? [])])));
  return all;
}

/** Which step each arrow leads from, by the step that it leads to. */
function arrowsOf({ boxes, arrows }: Laid): ReadonlyMap<string, readonly string[]> {
  return new Map(
    boxes.map((to) => [
      to.step.id,
      arrows
        .filter((arrow) => arrow.to.x === to.x && arrow.to.y === to.y + to.height / 2)
        .flatMap(({ from }) => {
          const box = boxes.find(
            (each) => each.x + each.width === from.x && each.y + each.height / 2 === from.y,
          );
          return box === undefined ? [] : [box.step.id];
        }),
    ]),
  );
}

describe('the layout of a graph', () => {
  it('puts no box on another, and all in the room that it takes', () => {
    fc.assert(
      fc.property(graphs, ({ laid: { boxes, width, height } }) => {
        for (const [at, a] of boxes.entries()) {
          expect(a.x + a.width).toBeLessThanOrEqual(width);
          expect(a.y + a.height).toBeLessThanOrEqual(height);
          for (const b of boxes.slice(at + 1)) {
            const apart =
              a.x + a.width < b.x || b.x + b.width < a.x || a.y + a.height < b.y || b.y + b.height < a.y;
            expect(apart).toBe(true);
          }
        }
      }),
    );
  });

  it('leads each arrow past the boxes between', () => {
    fc.assert(
      fc.property(graphs, ({ laid: { boxes, arrows, height } }) => {
        for (const { from, to, bendsAt, lane } of arrows) {
          const [left, right] = lane === undefined ? [bendsAt, to.x] : [lane.from, lane.to];
          expect(from.x).toBeLessThanOrEqual(bendsAt);
          const between = boxes.filter((box) => box.x < right && box.x + box.width > left);
          if (lane === undefined) expect(between).toEqual([]);
          for (const box of between) expect(box.y + box.height).toBeLessThan(lane?.y ?? 0);
          expect(lane?.y ?? 0).toBeLessThanOrEqual(height);
        }
      }),
    );
  });

  it('draws an arrow for each order, and none that others say already', () => {
    fc.assert(
      fc.property(graphs, ({ steps, laid }) => {
        const drawn = arrowsOf(laid);
        const wanted = closureOf(new Map(steps.map(({ id, needs }) => [id, needs])));
        expect(closureOf(drawn)).toEqual(wanted);
        for (const [id, sources] of drawn)
          for (const source of sources)
            expect(
              sources.some((other) => wanted.get(other)?.has(source)),
              `${source} to ${id}`,
            ).toBe(false);
      }),
    );
  });
});
