import { describe, expect, it } from 'vitest';
import { digestOf } from '../digest.js';
import { encodeUtf8 } from '../encoding/bytes.js';
import { BundleError } from '../error.js';
import { codeOf } from '../testing/codes.js';
import { sampleFiles } from '../testing/world.js';
import { readBundle, readCheckedBundle, selectFiles } from './bundle.js';
import { DEFAULT_LIMITS } from './limits.js';
import { type ArchiveFile, packTar } from './tar.js';

const files = sampleFiles();

function withFile(path: string, contents: string, executable = false): readonly ArchiveFile[] {
  return [...files.filter((file) => file.path !== path), { path, bytes: encodeUtf8(contents), executable }];
}

describe('readBundle', () => {
  it('reads what was packed', () => {
    const tar = packTar(files);
    const bundle = readBundle(tar);
    expect(bundle.definitionPath).toBe('workflow.toml');
    expect(bundle.definition.version).toBe('1.4.2');
    expect(bundle.sizeBytes).toBe(tar.length);
    expect(bundle.tar).toBe(tar);
  });

  it('needs exactly one definition at the root', () => {
    expect(codeOf(() => readBundle(packTar([])))).toBe('definition.missing');
    const elsewhere = [{ path: 'a/workflow.toml', bytes: new Uint8Array(0), executable: false }];
    expect(codeOf(() => readBundle(packTar(elsewhere)))).toBe('definition.missing');
    expect(codeOf(() => readBundle(packTar(withFile('workflow.yaml', 'id: acme/deploy'))))).toBe(
      'definition.ambiguous',
    );
  });

  it('hands on every diagnostic of a definition that is not valid', () => {
    const tar = packTar(withFile('workflow.toml', 'id = "Not An Id"\nversion = "one"\n'));
    let thrown: unknown;
    try {
      readBundle(tar);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(BundleError);
    expect((thrown as BundleError).code).toBe('definition.invalid');
    expect((thrown as BundleError).diagnostics.length).toBeGreaterThan(1);
    expect((thrown as BundleError).diagnostics[0]?.file).toBe('workflow.toml');
  });

  it('refuses globs that would take long over the files', () => {
    const globs = Array.from({ length: 64 }, (_, i) => `"*${'a'.repeat(47)}b${i}"`).join();
    const list = `[bundle]\ninclude=["**",${globs.slice(0, globs.lastIndexOf(','))}]\nexecutable=[${globs}]\n`;
    const text = `id = "acme/deploy"\nversion = "1.4.2"\n${list}[steps.a]\nrun = "true"\n`;
    const bytes = new Uint8Array(0);
    const many = Array.from({ length: 5000 }, (_, i) => ({
      path: `${'a'.repeat(95)}/${'a'.repeat(95)}${i}`,
      bytes,
      executable: false,
    }));
    const definition = { path: 'workflow.toml', bytes: encodeUtf8(text), executable: false };
    let thrown: unknown;
    try {
      readBundle(packTar([...many, definition]));
    } catch (error) {
      thrown = error;
    }
    expect((thrown as BundleError).diagnostics.map(({ code }) => code)).toEqual(['bundle.too_complex']);
  });

  it('refuses a definition that is too large or not UTF-8', () => {
    const limits = { ...DEFAULT_LIMITS, definitionBytes: 10 };
    expect(codeOf(() => readBundle(packTar(files), limits))).toBe('definition.too_large');
    const bad = [{ path: 'workflow.toml', bytes: Uint8Array.of(0x61, 0xff), executable: false }];
    expect(codeOf(() => readBundle(packTar(bad)))).toBe('definition.invalid');
  });

  it('refuses what the definition does not account for', () => {
    expect(codeOf(() => readBundle(packTar(withFile('stowaway.sh', ''))))).toBe('bundle.selection');
    expect(codeOf(() => readBundle(packTar(withFile('scripts/deploy.sh', '', false))))).toBe(
      'bundle.selection',
    );
    expect(codeOf(() => readBundle(packTar(withFile('README.md', '', true))))).toBe('bundle.selection');
  });
});

describe('readCheckedBundle', () => {
  it('shows the digest of the very bytes, and gives it to the bundle', () => {
    const tar = packTar(files);
    const shown: string[] = [];
    const bundle = readCheckedBundle(tar, (digest) => shown.push(digest));
    expect(shown).toEqual([digestOf(tar)]);
    expect(bundle).toEqual(readBundle(tar));
    expect(bundle.digest).toBe(digestOf(tar));
  });

  it('parses nothing of an archive whose digest is refused', () => {
    const refuse = () => {
      throw new BundleError('tar.digest', 'another one was signed');
    };
    expect(codeOf(() => readCheckedBundle(new Uint8Array(3), refuse))).toBe('tar.digest');
  });
});

describe('selectFiles', () => {
  const { definition } = readBundle(packTar(files));

  it('takes the definition, what is shown, and what is included, in archive order', () => {
    const paths = [
      'workflow.toml',
      'scripts/b.txt',
      'scripts/.hidden',
      'scripts/x/a.sh',
      'scripts/a.sh',
      'README.md',
      'LICENSE',
      'src/main.ts',
      'docs/README.md',
    ];
    expect(selectFiles(definition, 'workflow.toml', paths)).toEqual([
      { path: 'LICENSE', executable: false },
      { path: 'README.md', executable: false },
      { path: 'scripts/.hidden', executable: false },
      { path: 'scripts/a.sh', executable: true },
      { path: 'scripts/b.txt', executable: false },
      { path: 'scripts/x/a.sh', executable: false },
      { path: 'workflow.toml', executable: false },
    ]);
  });

  it('never makes the definition executable', () => {
    const all = { ...definition, bundle: { include: ['**'], executable: ['**'] } };
    expect(selectFiles(all, 'workflow.toml', ['workflow.toml', 'a'])).toEqual([
      { path: 'a', executable: true },
      { path: 'workflow.toml', executable: false },
    ]);
  });
});
