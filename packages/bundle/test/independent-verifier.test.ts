import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const VERIFIER = fileURLToPath(new URL('independent-verifier/verify.py', import.meta.url));
const VECTORS = fileURLToPath(new URL('../vectors/v1', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sheaf-verifier-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function verify(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('python3', [VERIFIER, ...args], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

function has(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/** A copy of the vectors in which one character of this file is another one. */
function copyWithChange(name: string): string {
  const copy = join(folder, name);
  cpSync(VECTORS, copy, { recursive: true });
  const bytes = readFileSync(join(copy, name));
  const text = bytes.toString('latin1');
  // The first value that something depends on: a hash, a key or a signature in the documents, a byte of content in the
  // binary files.
  const found = /archive\.type|[0-9a-f]{64}|[A-Za-z0-9+/]{43}=|gzip|Deploys|acme/.exec(text);
  const at = name.endsWith('.gz') ? bytes.length >> 1 : (found?.index ?? 0) + 2;
  bytes[at] = bytes[at] === 0x31 ? 0x32 : 0x31;
  // The longest of them, and every other file is noticed without it.
  writeFileSync(join(copy, 'refused.json'), '[]');
  writeFileSync(join(copy, name), bytes);
  return copy;
}

/** Continuous integration must have the tools: there a missing one fails instead of being passed over. */
const isCi = process.env['CI'] !== undefined;
const canRun = has('python3', '--version') && has('openssl', 'version');
if (!canRun && !isCi) console.warn('SKIPPED: the independent verifier needs python3 and openssl');

describe.runIf(canRun || isCi)('a verifier written from docs/FORMAT.md alone', () => {
  it('gives the expected verdict on every golden vector', () => {
    const { status, output } = verify('vectors', VECTORS);
    expect(output).toMatch(/^[0-9]{3} checked, 0 wrong\n$/);
    expect(status).toBe(0);
  });

  describe('notices one changed character', () => {
    const names = readdirSync(VECTORS).filter((name) => name !== 'README.md');
    const wrong = new Map<string, boolean>();
    // All copies in one run, which verifies a signature that several of them have once.
    beforeAll(() => {
      const copies = names.map(copyWithChange);
      const sections = verify('vectors', ...copies)
        .output.split(/^(.*):\n/m)
        .slice(1);
      for (let i = 0; i < sections.length; i += 2)
        wrong.set(basename(sections[i] ?? ''), /^wrong: /m.test(sections[i + 1] ?? ''));
    });

    it.each(names)('in %s', (name) => {
      expect(wrong.get(name)).toBe(true);
    });
  });

  it('verifies a release from its files, and tells why it refuses one', () => {
    const at = (name: string) => join(VECTORS, name);
    const logKey = readFileSync(at('log.vkey'), 'utf8').trim();
    const files = [at('receipt.json'), at('bundle.tar.gz'), logKey];
    const asked = 'acme/deploy@1.4.2';
    expect(verify('release', ...files, 'wf.example.com', asked)).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^verified: sha256:[0-9a-f]{64}, active\n$/) as string,
    });
    const other = verify('release', ...files, 'wf.example.com', 'acme/deploy@1.4.3');
    expect(other).toMatchObject({ status: 3, output: expect.stringContaining('leaf.mismatch') as string });
  });
});
