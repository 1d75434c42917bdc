import { expect, test } from 'vitest';
import { createWitnessPace } from './witness-pace.js';

function medianOf(...tookMs: readonly number[]): number | undefined {
  const pace = createWitnessPace();
  for (const ms of tookMs) pace.add(ms);
  return pace.medianMs();
}

test('one or two answers say nothing yet', () => {
  expect(medianOf()).toBeUndefined();
  expect(medianOf(5_000)).toBeUndefined();
  expect(medianOf(5_000, 5_000)).toBeUndefined();
});

test('most of the last few requests decide, and a single slow one does not', () => {
  expect(medianOf(10, 5_000, 20)).toBe(20);
  expect(medianOf(1_800, 1_700, 20)).toBe(1_700);
  expect(medianOf(30, 10, 20, 40)).toBe(20);
});

test('what was long ago is forgotten', () => {
  expect(medianOf(1_800, 1_800, 1_800, 1_800, 1_800, 20, 20)).toBe(1_800);
  expect(medianOf(1_800, 1_800, 1_800, 1_800, 1_800, 20, 20, 20)).toBe(20);
});
