import { expect, test } from 'vitest';
import { parseDatabaseConfig } from './database.js';

test.each([
  'postgres://sheaf:pw@db.example.com:5432/sheaf',
  'postgresql://sheaf@[::1]/sheaf?sslmode=verify-full',
  'postgres:///sheaf?host=/run/postgresql',
])('%s names a database', (url) => {
  expect(parseDatabaseConfig({ DATABASE_URL: url }).url).toBe(url);
});

test.each([
  'mysql://ana:hunter2@localhost/x',
  'hunter2',
  'host=localhost password=hunter2',
  'postgres://a:hunter2#@:x/',
])('%s is refused, and not shown', (url) => {
  const read = () => parseDatabaseConfig({ DATABASE_URL: url });
  expect(read).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
  expect(read).not.toThrow(/hunter2/);
});
