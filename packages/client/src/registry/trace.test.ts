import { expect, test } from 'vitest';
import { createTraceparents } from './trace.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

test('requests of one client are parts of one trace, each with an id of its own', () => {
  const next = createTraceparents(undefined, Math.random);
  const [first, second] = [next(), next()];
  expect(first).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  expect(second.split('-')[1]).toBe(first.split('-')[1]);
  expect(second.split('-')[2]).not.toBe(first.split('-')[2]);
});

test('a trace that is under way goes on, as recorded as it was', () => {
  const next = createTraceparents(`00-${TRACE}-00f067aa0ba902b7-01`, Math.random);
  expect(next()).toMatch(new RegExp(`^00-${TRACE}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
});

test.each([
  '',
  'x',
  `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
  `00-${TRACE}-00f067aa0ba902b7-01\n`,
  `01-${TRACE}-00f067aa0ba902b7-01`,
])('what is no traceparent begins a new trace: %j', (parent) => {
  const [, traceId] = createTraceparents(parent, Math.random)().split('-');
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(traceId).not.toBe(TRACE);
});
