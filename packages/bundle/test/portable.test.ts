import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));

/** What a browser loads: everything but the tests and the Node side of the platform. */
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !/\.test\.ts$|^testing\/|^platform\/node\.ts$/.test(path),
);

it.each(files)('%s runs in a browser: it names nothing that only Node has', (path) => {
  const text = readFileSync(join(SOURCES, path), 'utf8');
  expect(text).not.toMatch(/from '(?:node:|tar)|\bBuffer\b[.(]|\bprocess\./);
  expect(text).not.toMatch(/platform\/(?:node|browser)\.js/);
});
