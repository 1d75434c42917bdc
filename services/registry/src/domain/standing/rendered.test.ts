import { expect, test } from 'vitest';
import { createGate } from '../gate.js';
import { createRenderedDocuments } from './rendered.js';

const bytes = (size: number) => () => Promise.resolve(Buffer.alloc(size));

/** Asks for a document, and says whether it had to be rendered. */
function asking(documents: ReturnType<typeof createRenderedDocuments>) {
  return async (key: string, size = 1): Promise<boolean> => {
    let isRendered = false;
    await documents.get(key, () => {
      isRendered = true;
      return bytes(size)();
    });
    return isRendered;
  };
}

test('a document is rendered once, also for those who ask at the same time', async () => {
  const documents = createRenderedDocuments();
  let rendered = 0;
  const render = async () => {
    rendered += 1;
    await Promise.resolve();
    return Buffer.from('x');
  };
  await Promise.all(Array.from({ length: 5 }, () => documents.get('a', render)));
  await documents.get('a', render);
  expect(rendered).toBe(1);
});

test('of more than there is room for, those that were asked for last are kept', async () => {
  const ask = asking(createRenderedDocuments({ maxDocuments: 2 }));
  expect([await ask('a'), await ask('b'), await ask('a'), await ask('c')]).toEqual([true, true, false, true]);
  expect([await ask('a'), await ask('b')]).toEqual([false, true]);
});

test('together they are no larger than the limit, and what is larger is not kept', async () => {
  const ask = asking(createRenderedDocuments({ maxBytes: 10 }));
  expect([await ask('a', 6), await ask('b', 4), await ask('a')]).toEqual([true, true, false]);
  expect([await ask('c', 4), await ask('a'), await ask('b')]).toEqual([true, false, true]);
  expect([await ask('d', 11), await ask('d', 11)]).toEqual([true, true]);
});

test('one that could not be rendered is tried again, and too many at once are refused', async () => {
  const documents = createRenderedDocuments({ gate: createGate({ capacity: 1, maxWaiting: 1, what: 'x' }) });
  await expect(documents.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect((await documents.get('a', bytes(3))).length).toBe(3);
  const all = await Promise.allSettled(['b', 'c', 'd'].map((key) => documents.get(key, bytes(1))));
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect((await documents.get('d', bytes(2))).length).toBe(2);
});
