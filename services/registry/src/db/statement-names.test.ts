import { expect, test } from 'vitest';
import { createStatementNames } from './statement-names.js';

test('each text has a name of its own, and keeps it', () => {
  const names = createStatementNames();
  const first = names.nameOf('select $1');
  expect(first).toMatch(/^[a-z]\d+$/);
  expect(names.nameOf('select $2')).not.toBe(first);
  expect(names.nameOf('select $1')).toBe(first);
});

test('so many have names, and those that come later none', () => {
  const names = createStatementNames();
  const given = Array.from({ length: 1000 }, (_, i) => names.nameOf(`select ${i} + $1`));
  expect(given.filter((name) => name !== undefined)).toHaveLength(128);
  expect(new Set(given.filter((name) => name !== undefined)).size).toBe(128);
  expect(names.nameOf('select 0 + $1')).toBe(given[0]);
});
