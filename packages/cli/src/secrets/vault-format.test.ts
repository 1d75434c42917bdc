import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../frame/errors.js';
import type { SecretEntry } from './secret-entry.js';
import { openVault, parseVault, sealVault, type VaultHead, type VaultKdf } from './vault-format.js';

const SCRYPT: VaultKdf = {
  kind: 'scrypt',
  n: 2 ** 15,
  r: 8,
  p: 1,
  salt: Buffer.alloc(32, 7).toString('base64'),
};

const entry = (name: string, scope?: string): SecretEntry => ({
  name,
  ...(scope === undefined ? {} : { for: scope }),
  version: '0123456789abcdef',
  setAt: '2026-01-31T08:00:00.000Z',
});

const HEAD: Omit<VaultHead, 'check'> = {
  id: 'fedcba9876543210',
  kdf: SCRYPT,
  secrets: [entry('TOKEN'), entry('KEY', 'acme/notes'), entry('KEY', 'acme')],
};
const VALUES = ['hunter22', 'two\nlines "é"', '\u0001\ud83d\ude00'];

/** Stands for the passphrase: what it gives depends on all that a file says of how to make the key. */
function keyOf(kdf: VaultKdf, passphrase = 'correct'): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([kdf, passphrase]))
    .digest();
}

function open(text: string, passphrase?: string): readonly string[] {
  const vault = parseVault(text, 'vault.json');
  return openVault(vault, keyOf(vault.kdf, passphrase), 'vault.json');
}

function refusalOf(text: string, passphrase?: string): string | undefined {
  try {
    open(text, passphrase);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

const TEXT = sealVault(HEAD, VALUES, keyOf(SCRYPT));

describe('a vault', () => {
  it('gives back what was sealed, and shows names without a key', () => {
    expect(open(TEXT)).toEqual(VALUES);
    expect(parseVault(TEXT, 'vault.json').secrets).toEqual(HEAD.secrets);
    for (const part of ['hunter22', 'lines']) expect(TEXT).not.toContain(part);
  });

  it('is another text each time', () => {
    expect(sealVault(HEAD, VALUES, keyOf(SCRYPT))).not.toBe(TEXT);
  });

  it('tells a wrong passphrase from damage, and another key of the keyring from both', () => {
    expect(refusalOf(TEXT, 'wrong')).toBe('vault.passphrase_wrong');
    const inKeyring = sealVault({ ...HEAD, kdf: { kind: 'keyring' } }, VALUES, keyOf({ kind: 'keyring' }));
    expect(open(inKeyring)).toEqual(VALUES);
    expect(refusalOf(inKeyring, 'wrong')).toBe('vault.key_wrong');
  });

  it('is refused when any bit of it was changed, and says nothing of what it holds', () => {
    const bytes = Buffer.from(TEXT);
    const codes = new Map<string | undefined, number>();
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bit of [1, 2, 32, 128]) {
        const changed = Buffer.from(bytes);
        changed[at] = (bytes[at] ?? 0) ^ bit;
        const code = refusalOf(changed.toString('utf8'));
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    }
    expect([...codes.keys()].sort()).toEqual(['vault.damaged', 'vault.newer', 'vault.passphrase_wrong']);
  });

  it('is refused when a piece of it is missing, doubled, or was put somewhere else', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (a, b, c) => {
        const [from = 0, to = 0, at = 0] = [a, b, c].map((place) => place % (TEXT.length + 1));
        const piece = TEXT.slice(Math.min(from, to), Math.max(from, to));
        const without = TEXT.slice(0, Math.min(from, to)) + TEXT.slice(Math.max(from, to));
        for (const text of [without, TEXT.slice(0, at) + piece + TEXT.slice(at)])
          if (text !== TEXT) expect(refusalOf(text)).toMatch(/^vault\./);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused in another writing of the same, and with costs that are too low or too high', () => {
    const parsed = JSON.parse(TEXT) as { readonly kdf: object };
    const write = (file: object): string => `${JSON.stringify(file, null, 2)}\n`;
    expect(refusalOf(write(parsed))).toBeUndefined();
    for (const text of [JSON.stringify(parsed), write({ ...parsed, more: 1 }), '[]', '', '{"__proto__":{}}'])
      expect(refusalOf(text)).toBe('vault.damaged');
    for (const kdf of [{ n: 2 ** 14 }, { n: 2 ** 19 }, { n: 40_000 }, { r: 64 }, { p: 5 }, { p: 0 }])
      expect(refusalOf(write({ ...parsed, kdf: { ...parsed.kdf, ...kdf } }))).toBe('vault.damaged');
  });

  it('of a later version is told as such', () => {
    expect(refusalOf(TEXT.replace('sheaf.vault/1', 'sheaf.vault/2'))).toBe('vault.newer');
  });
});
