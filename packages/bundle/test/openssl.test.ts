import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  findBase64,
  generateSigningKey,
  parseEnvelope,
  PAYLOAD_TYPE_KEY_EVENT,
  PAYLOAD_TYPE_STATEMENT,
  publicKeyFromSpki,
  sha256Hex,
  signEd25519,
  signEnvelope,
  signingKeyFromPem,
  spkiOf,
  verifyEd25519,
  verifyEnvelope,
} from '../src/index.js';
import { bytesOf, L, numberOf } from '../src/testing/ed25519-reference.js';

const folder = mkdtempSync(join(tmpdir(), 'sheaf-openssl-'));
const at = (name: string): string => join(folder, name);

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Continuous integration must have the tool: there a missing one fails instead of being passed over. */
const isCi = process.env['CI'] !== undefined;
const hasOpenssl = (() => {
  try {
    return openssl('version').startsWith('OpenSSL 3');
  } catch {
    return false;
  }
})();

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(hasOpenssl || isCi)('a stranger with openssl', () => {
  it('can make a key that is read here, with the same id', () => {
    openssl('genpkey', '-algorithm', 'ed25519', '-out', 'key.pem');
    openssl('pkey', '-in', 'key.pem', '-pubout', '-out', 'public.pem');
    openssl('pkey', '-in', 'key.pem', '-pubout', '-outform', 'DER', '-out', 'public.der');
    const key = signingKeyFromPem(readFileSync(at('key.pem'), 'utf8'));
    expect(publicKeyFromSpki(readFileSync(at('public.pem'), 'utf8'))).toEqual(key.publicKey);
    expect(readFileSync(at('public.der')).equals(spkiOf(key.publicKey))).toBe(true);
    expect(key.publicKey.id).toBe(sha256Hex(readFileSync(at('public.der'))));
  });

  it('can sign what is verified here, and verify what is signed here', () => {
    openssl('genpkey', '-algorithm', 'ed25519', '-out', 'key.pem');
    const key = signingKeyFromPem(readFileSync(at('key.pem'), 'utf8'));
    const message = new TextEncoder().encode('a message');
    writeFileSync(at('message'), message);
    openssl('pkeyutl', '-sign', '-inkey', 'key.pem', '-rawin', '-in', 'message', '-out', 'signature');
    const theirs = readFileSync(at('signature'));
    expect(verifyEd25519(key.publicKey.raw, message, theirs)).toBe(true);
    expect(theirs.equals(signEd25519(key, message))).toBe(true);
  });

  it('can sign an envelope by hand, and two strangers reach a threshold of two', () => {
    const payload = '{"type":"key.add"}';
    writeFileSync(at('pae'), `DSSEv1 36 application/vnd.sheaf.key-event+json ${payload.length} ${payload}`);
    const signed = ['one', 'two'].map((name) => {
      openssl('genpkey', '-algorithm', 'ed25519', '-out', `${name}.pem`);
      openssl('pkeyutl', '-sign', '-inkey', `${name}.pem`, '-rawin', '-in', 'pae', '-out', `${name}.sig`);
      openssl('pkey', '-in', `${name}.pem`, '-pubout', '-out', `${name}.pub`);
      const key = publicKeyFromSpki(readFileSync(at(`${name}.pub`), 'utf8'));
      return { key, sig: readFileSync(at(`${name}.sig`)).toString('base64') };
    });
    const payloadBase64 = Buffer.from(payload).toString('base64');
    const envelope = parseEnvelope(
      JSON.stringify({
        payloadType: PAYLOAD_TYPE_KEY_EVENT,
        payload: payloadBase64,
        signatures: signed.map(({ sig }) => ({ sig })),
      }),
    );
    const keys = signed.map(({ key }) => key);
    expect(verifyEnvelope(envelope, PAYLOAD_TYPE_KEY_EVENT, keys, 2).signers).toHaveLength(2);
    const once = { ...envelope, signatures: envelope.signatures.slice(0, 1) };
    expect(() => verifyEnvelope(once, PAYLOAD_TYPE_KEY_EVENT, keys, 2)).toThrow('1 of 2');
  });

  it('refuses what is refused here: a changed message, and S + L', () => {
    openssl('genpkey', '-algorithm', 'ed25519', '-out', 'key.pem');
    const key = signingKeyFromPem(readFileSync(at('key.pem'), 'utf8'));
    const message = new TextEncoder().encode('a message');
    const signature = signEd25519(key, message);
    const malleated = new Uint8Array([
      ...signature.subarray(0, 32),
      ...bytesOf(numberOf(signature.subarray(32)) + L),
    ]);
    writeFileSync(at('message'), message);
    writeFileSync(at('key.der'), spkiOf(key.publicKey));
    const check = (sig: Uint8Array): boolean => {
      writeFileSync(at('signature'), sig);
      const args = ['-verify', '-pubin', '-keyform', 'DER', '-inkey', 'key.der', '-rawin', '-in', 'message'];
      try {
        return openssl('pkeyutl', ...args, '-sigfile', 'signature').includes('Verified Successfully');
      } catch {
        return false;
      }
    };
    expect(check(signature)).toBe(true);
    expect([check(malleated), verifyEd25519(key.publicKey.raw, message, malleated)]).toEqual([false, false]);
    writeFileSync(at('message'), 'another');
    expect(check(signature)).toBe(false);
  });

  it('can verify an envelope by hand', () => {
    const key = generateSigningKey();
    const payload = new TextEncoder().encode('{}');
    const envelope = signEnvelope(PAYLOAD_TYPE_STATEMENT, payload, [key]);
    writeFileSync(at('pae'), `DSSEv1 28 application/vnd.in-toto+json 2 {}`);
    writeFileSync(at('envelope.sig'), findBase64(envelope.signatures[0]?.sig ?? '') ?? '');
    writeFileSync(at('envelope.der'), spkiOf(key.publicKey));
    const verify = [
      'pkeyutl',
      '-verify',
      '-pubin',
      '-keyform',
      'DER',
      '-inkey',
      'envelope.der',
      '-rawin',
      '-in',
      'pae',
    ];
    expect(openssl(...verify, '-sigfile', 'envelope.sig')).toContain('Verified Successfully');
    writeFileSync(at('pae'), `DSSEv1 28 application/vnd.in-toto+json 2 []`);
    expect(() => openssl(...verify, '-sigfile', 'envelope.sig')).toThrow();
  });
});
