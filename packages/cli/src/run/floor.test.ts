import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFloor, type FloorSink } from './floor.js';

/** What a log shows, and whether each line stands in the fold of its step. */
function createLog(): { readonly sink: FloorSink; readonly shown: string[]; open: () => string | undefined } {
  const shown: string[] = [];
  let open: string | undefined;
  const sink: FloorSink = {
    open: (step) => {
      expect(open).toBeUndefined();
      open = step;
      shown.push(`+${step}`);
    },
    line: (step, line) => {
      expect(open).toBe(step);
      shown.push(line);
    },
    dropped: (step, lines) => {
      expect(open).toBe(step);
      shown.push(`dropped ${lines}`);
    },
    close: (step) => {
      expect(open).toBe(step);
      open = undefined;
    },
    end: (line) => {
      expect(open).toBeUndefined();
      shown.push(line);
    },
  };
  return { sink, shown, open: () => open };
}

const actions = fc.array(fc.record({ step: fc.nat({ max: 4 }), what: fc.nat({ max: 5 }) }), {
  maxLength: 80,
});

describe('createFloor', () => {
  it('shows each line of each step once, in its order, in the fold of its step, whatever the steps do', () => {
    fc.assert(
      fc.property(actions, (list) => {
        const { sink, shown, open } = createLog();
        const floor = createFloor(sink);
        const runs = new Map<number, number>();
        const told: string[] = [];
        let count = 0;
        for (const { step, what } of list) {
          const attempt = runs.get(step);
          const id = `s${step}.${attempt ?? 0}`;
          if (attempt === undefined) {
            runs.set(step, 0);
            floor.begin(`s${step}.0`);
          } else if (what === 0) {
            runs.set(step, attempt + 1);
            floor.end(id, `end ${id}`);
            told.push(`end ${id}`);
            floor.begin(`s${step}.${attempt + 1}`);
          } else {
            const line = `${id} ${count++}`;
            floor.line(id, line);
            told.push(line);
          }
        }
        floor.close();
        expect(open()).toBeUndefined();
        const lines = shown.filter((line) => !line.startsWith('+'));
        expect([...lines].sort()).toEqual([...told].sort());
        for (const id of new Set(told.map((line) => line.replace(/^end /, '').split(' ')[0])))
          expect(lines.filter((line) => line.includes(`${id ?? ''} `) || line === `end ${id ?? ''}`)).toEqual(
            told.filter((line) => line.includes(`${id ?? ''} `) || line === `end ${id ?? ''}`),
          );
      }),
    );
  });

  it('shows one step as it goes, and what ended meanwhile before the one that has waited longest', () => {
    const { sink, shown } = createLog();
    const floor = createFloor(sink);
    for (const step of ['a', 'b', 'c']) floor.begin(step);
    floor.line('a', 'a 1');
    floor.line('b', 'b 1');
    floor.line('c', 'c 1');
    expect(shown).toEqual(['+a', 'a 1']);
    floor.end('c', 'c done');
    floor.end('a', 'a done');
    expect(shown.slice(2)).toEqual(['a done', '+c', 'c 1', 'c done', '+b', 'b 1']);
  });

  it('keeps the end of what a step writes that waits for long, and says how much it left out', () => {
    const { sink, shown } = createLog();
    const floor = createFloor(sink);
    floor.begin('a');
    floor.begin('b');
    for (let i = 0; i < 30; i++) floor.line('b', `${i} ${'x'.repeat(100_000)}`);
    floor.close();
    expect(shown.slice(0, 3)).toMatchObject(['+a', '+b', expect.stringMatching(/^dropped 2\d$/)]);
    expect(shown.at(-1)).toMatch(/^29 x/);
  });

  it.each(['', 'xy'])('takes a million lines %o of a step that waits, and keeps a bounded number', (line) => {
    let shown = 0;
    let left = 0;
    const floor = createFloor({
      open: () => undefined,
      line: () => shown++,
      dropped: (_, lines) => (left += lines),
      close: () => undefined,
      end: () => undefined,
    });
    floor.begin('a');
    floor.begin('b');
    const total = 1_100_000;
    const startedMs = performance.now();
    for (let i = 0; i < total; i++) floor.line('b', line);
    expect(performance.now() - startedMs).toBeLessThan(2000);
    floor.close();
    expect(shown).toBe(Math.floor(2 ** 20 / (line.length + 1)));
    expect(left).toBe(total - shown);
  });
});
