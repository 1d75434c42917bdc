import { expect, test } from 'vitest';
import { connectDatabase } from '../../db/connection.js';
import { createLogMemory } from './log-memory.js';

/** Nothing is asked of it, so it never connects. */
const DATABASE = connectDatabase({
  url: 'postgres://nobody@127.0.0.1:1/none',
  maxConnections: 1,
  onConnectionError: () => undefined,
});

const rootOf = (byte: number) => Buffer.alloc(32, byte);
const ACME = { seq: 2, leafHash: 'a1' };

function filled() {
  const memory = createLogMemory(DATABASE, 'public');
  memory.resumeAt({ size: 2, root: rootOf(2) });
  const tile = { level: 0, index: 0, width: 3, hashes: Buffer.alloc(96) };
  memory.extend({ size: 3, root: rootOf(3) }, [tile], new Map([['acme', ACME]]));
  return memory;
}
const EDGE = [{ level: 0, index: 0, width: 3 }];

test('what was written is known for as long as the log goes on from it', () => {
  const memory = filled();
  memory.resumeAt({ size: 3, root: rootOf(3) });
  expect(memory.edge(EDGE)?.get('0/0')).toHaveLength(96);
  expect(memory.heads(['acme'])?.get('acme')).toEqual(ACME);
  expect(memory.heads(['acme', 'tools'])).toBeUndefined();
});

test.each([
  ['another process has appended', { size: 4, root: rootOf(4) }],
  ['an append was undone', { size: 2, root: rootOf(2) }],
  ['the database has another history', { size: 3, root: rootOf(9) }],
])('nothing of it is known when %s', (_why, head) => {
  const memory = filled();
  memory.resumeAt(head);
  expect(memory.edge(EDGE)).toBeUndefined();
  expect(memory.heads(['acme'])).toBeUndefined();
});
