import { expect, test } from 'vitest';
import { createOutgoing } from './outgoing.js';

function create(softBytes = 100) {
  const clock = { nowMs: 0 };
  const cut: string[] = [];
  const outgoing = createOutgoing({ softBytes, now: () => clock.nowMs });
  const hold = (name: string, sizeBytes: number, network = name) =>
    outgoing.hold(network, sizeBytes, () => cut.push(name));
  return { clock, cut, outgoing, hold };
}

test('whoever does not move makes room for others, whoever has stood still for longest first', () => {
  const { clock, cut, outgoing, hold } = create();
  const a = hold('a', 40);
  hold('b', 40);
  clock.nowMs = 1_900;
  a.moved();
  clock.nowMs = 2_500;
  hold('c', 40);
  expect([cut, outgoing.sizeBytes]).toEqual([['b'], 80]);
  a.release();
  a.release();
  expect(outgoing.sizeBytes).toBe(40);
});

test('of those who do not move one of the fullest network goes', () => {
  const { clock, cut, hold } = create();
  hold('old', 20);
  hold('x', 40, 'crowd');
  hold('y', 40, 'crowd');
  clock.nowMs = 5_000;
  hold('new', 20);
  expect(cut).toEqual(['x']);
});

test('those who move are left alone, and more than twice the room is refused', () => {
  const { cut, hold } = create();
  for (const name of ['a', 'b', 'c', 'd']) hold(name, 50);
  expect(() => hold('e', 1)).toThrow(expect.objectContaining({ code: 'service.busy' }) as Error);
  expect(cut).toEqual([]);
});

test('one network that moves all the time leaves room for others', () => {
  const { hold } = create();
  const crowd = () => hold('one of many', 10, 'crowd');
  for (let i = 0; i < 11; i += 1) crowd();
  expect(crowd).toThrow(expect.objectContaining({ code: 'service.busy' }) as Error);
  expect(() => hold('other', 50)).not.toThrow();
});

test('something larger than the room is let through when nothing else is held', () => {
  expect(() => create(10).hold('a', 1_000)).not.toThrow();
});
