import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOwnHistory, type LogHead } from './own-history.js';

const head = (size: number, fork = 0): LogHead => ({ size, root: Buffer.from([size, fork]) });

test('knows the roots that lead to its newest head, and only for that head', () => {
  const own = createOwnHistory();
  expect(own.newest()).toBeUndefined();
  own.extend(head(2), head(3));
  own.extend(head(3), head(5));
  expect(own.newest()).toEqual(head(5));
  expect([2, 3, 4, 5].map((size) => own.rootAt(head(5), size))).toEqual([
    head(2).root,
    head(3).root,
    undefined,
    head(5).root,
  ]);
  expect(own.rootAt(head(3), 2)).toBeUndefined();
  expect(own.rootAt(head(5, 1), 3)).toBeUndefined();
});

test('never takes a root of one history for one of another, whatever is committed on top of what', () => {
  const step = fc.record({ grow: fc.integer({ min: 1, max: 3 }), fork: fc.nat({ max: 1 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const own = createOwnHistory();
      let newest = head(0);
      let truth = new Map([[0, newest.root]]);
      for (const { grow, fork } of steps) {
        // With a fork somebody else has put another history below this batch.
        const before = fork === 0 ? newest : head(newest.size + 1, 1);
        if (fork === 1) truth = new Map([[before.size, before.root]]);
        newest = head(before.size + grow, fork);
        own.extend(before, newest);
        truth.set(newest.size, newest.root);
        for (let size = 0; size <= newest.size; size += 1) {
          const known = own.rootAt(newest, size);
          if (known !== undefined) expect(known).toEqual(truth.get(size));
        }
        expect(own.rootAt(newest, before.size)).toEqual(before.root);
      }
    }),
  );
});
