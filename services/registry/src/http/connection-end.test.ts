import { once } from 'node:events';
import { Socket } from 'node:net';
import { setImmediate as later } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { onceEnded } from './connection-end.js';

/** A connection, and what was called because of its end. */
function watched() {
  const socket = new Socket();
  const called: string[] = [];
  const wait = (name: string) => onceEnded(socket, () => called.push(name));
  return { socket, called, wait };
}

test('whoever waits for the end of a connection is told of it once', async () => {
  const { socket, called, wait } = watched();
  wait('first');
  wait('second')();
  wait('third');
  socket.destroy();
  await once(socket, 'close');
  await later();
  expect(called).toEqual(['first', 'third']);
});

test('whoever begins to wait after the end is told of it, though not at once', async () => {
  const { socket, called, wait } = watched();
  wait('before');
  socket.destroy();
  wait('between');
  await once(socket, 'close');
  wait('after');
  expect(called).not.toContain('after');
  await later();
  expect(called.toSorted()).toEqual(['after', 'before', 'between']);
});

test('whoever no longer waits is not told of an end that was before', async () => {
  const { socket, called, wait } = watched();
  socket.destroy();
  await once(socket, 'close');
  wait('after')();
  await later();
  expect(called).toEqual([]);
});
