import { expect, test } from 'vitest';
import { countCalls } from './count-syncs.js';

test('adds up the calls of the summary, with and without a column of errors', () => {
  const summary = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 81.10    0.038120         188       202         2 fdatasync
 18.90    0.008880         296        30           fsync
------ ----------- ----------- --------- --------- ----------------
100.00    0.047000         202       232         2 total
`;
  expect(countCalls(summary)).toBe(232);
});

test('counts nothing when nothing was called', () => {
  expect(countCalls('')).toBe(0);
});
