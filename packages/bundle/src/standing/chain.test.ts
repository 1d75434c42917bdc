import { parseNamespace } from '@sheaf/workflow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLeaf, parseLeaf } from '../log/leaf.js';
import { codeOf } from '../testing/codes.js';
import { createWorldLog } from '../testing/world-log.js';
import { PUBLISHER, STRANGER } from '../testing/world.js';
import { checkChain } from './chain.js';

const log = createWorldLog();
log.append({ type: 'ns.create' });
log.append({ type: 'ns.create' }, 'other');
const first = log.addKey(PUBLISHER);
const second = log.addKey(STRANGER, [PUBLISHER]);
log.publish('1.0.0', [PUBLISHER], [first]);
log.append({ type: 'ns.create' }, 'another');
log.revokeKey(STRANGER, [STRANGER]);
const all = log.leaves
  .map((leaf, index) => ({ index, leaf }))
  .filter(({ leaf }) => parseLeaf(leaf).ns === 'acme');

function changed(index: number, change: object) {
  return all.map((event) =>
    event.index === index ? { index, leaf: encodeLeaf({ ...parseLeaf(event.leaf), ...change }) } : event,
  );
}

describe('the chain of a namespace', () => {
  it('holds for any of its leaves, in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all), (some) => {
        checkChain([...some, ...some]);
      }),
    );
  });

  it('does not hold when a leaf names another one before it', () => {
    expect(
      codeOf(() => {
        checkChain(changed(second, { prev: 'a'.repeat(64) }));
      }),
    ).toBe('leaf.chain');
    // Between leaves that are no neighbours nothing can be told of it.
    const apart = changed(second, { prev: 'a'.repeat(64) }).filter(({ index }) => index !== first);
    checkChain(apart.filter(({ index }) => index <= second));
  });

  it('does not hold when numbers stand still, fall, or run ahead of the log', () => {
    for (const seq of [1, 9]) {
      expect(
        codeOf(() => {
          checkChain(changed(second, { seq }));
        }),
      ).toBe('leaf.chain');
    }
    const [created] = all;
    expect(
      codeOf(() => {
        checkChain([...all.slice(1), { index: 9, leaf: created?.leaf ?? new Uint8Array() }]);
      }),
    ).toBe('leaf.chain');
  });

  it('does not hold between leaves of two namespaces', () => {
    expect(
      codeOf(() => {
        checkChain(changed(second, { ns: parseNamespace('other') }));
      }),
    ).toBe('leaf.chain');
  });
});
