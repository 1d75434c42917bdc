import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forget, remember } from '../src/completion/candidates.js';

it('names are kept in the place of a pipe or a link, which are neither waited for nor followed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sheaf-candidates-'));
  const paths = { config: () => dir, state: () => dir, cache: () => join(dir, 'workflows') };
  const file = join(dir, 'completion', 'namespace');
  const elsewhere = join(dir, 'elsewhere');
  try {
    mkdirSync(join(dir, 'completion'));
    execFileSync('mkfifo', [file]);
    await forget({ paths }, 'namespace', ['acme']);
    await remember({ paths }, 'namespace', ['acme']);
    expect(readFileSync(file, 'utf8')).toBe('acme\n');
    rmSync(file);
    writeFileSync(elsewhere, 'private\n');
    symlinkSync(elsewhere, file);
    await remember({ paths }, 'namespace', ['acme']);
    expect([readFileSync(file, 'utf8'), readFileSync(elsewhere, 'utf8')]).toEqual(['acme\n', 'private\n']);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
