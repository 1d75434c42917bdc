import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../encoding/base64.js';
import { concatBytes } from '../encoding/bytes.js';
import { codeOf, codeOfAsync } from '../testing/codes.js';
import { PKCS8_PREFIX } from './der.js';
import { decodeKeyFile, encodeKeyFile } from './key-file.js';
import { publicKeyFromRaw, publicKeyFromSpki, spkiOf } from './public-key.js';
import { generateSigningKey, signingKeyFromPem, signingKeyFromSeed } from './signing-key.js';

const key = signingKeyFromSeed(new Uint8Array(32).fill(7));
const pem = (label: string, der: Uint8Array) =>
  `-----BEGIN ${label}-----\n${encodeBase64(der)}\n-----END ${label}-----\n`;

describe('public keys', () => {
  it('come from base64 and from PEM', () => {
    const der = spkiOf(key.publicKey);
    expect(der.length).toBe(44);
    expect(publicKeyFromSpki(encodeBase64(der))).toEqual(key.publicKey);
    expect(publicKeyFromSpki(pem('PUBLIC KEY', der))).toEqual(key.publicKey);
    expect(publicKeyFromSpki(pem('PUBLIC KEY', der).replaceAll('\n', '\r\n'))).toEqual(key.publicKey);
  });

  it('are refused when they are of another kind, length or order', () => {
    const der = spkiOf(key.publicKey);
    const rsa = Uint8Array.from(der);
    rsa[8] = 0x71;
    for (const text of [
      '',
      'x',
      encodeBase64(der.subarray(1)),
      encodeBase64(rsa),
      pem('PRIVATE KEY', der),
      'A'.repeat(4096),
    ]) {
      expect(codeOf(() => publicKeyFromSpki(text))).toBe('key.invalid');
    }
    expect(codeOf(() => publicKeyFromRaw(new Uint8Array(31)))).toBe('key.invalid');
    expect(codeOf(() => publicKeyFromRaw(new Uint8Array(32)))).toBe('key.weak');
  });

  it('keep their own copy of the bytes', () => {
    const raw = Uint8Array.from(key.publicKey.raw);
    const made = publicKeyFromRaw(raw);
    raw.fill(0);
    expect(made.raw).toEqual(key.publicKey.raw);
  });
});

describe('signing keys', () => {
  it('are new every time', () => {
    expect(generateSigningKey().publicKey.id).not.toBe(generateSigningKey().publicKey.id);
  });

  it('come from PKCS#8 in PEM and nothing else', () => {
    expect(signingKeyFromPem(pem('PRIVATE KEY', concatBytes([PKCS8_PREFIX, key.seed])))).toEqual(key);
    for (const text of [
      '',
      pem('ENCRYPTED PRIVATE KEY', PKCS8_PREFIX),
      pem('PRIVATE KEY', PKCS8_PREFIX),
      'A'.repeat(5000),
    ]) {
      expect(codeOf(() => signingKeyFromPem(text))).toBe('key.invalid');
    }
    expect(codeOf(() => signingKeyFromSeed(new Uint8Array(33)))).toBe('key.invalid');
  });
});

describe('key files', () => {
  it('give the key back without a passphrase', async () => {
    expect(await decodeKeyFile(await encodeKeyFile(key, { name: 'me' }))).toEqual({ name: 'me', key });
  });

  it('open with their passphrase, however its accents were typed, and with no other', async () => {
    const text = await encodeKeyFile(key, { name: 'me', passphrase: 'caf\u00e9' });
    expect(text).not.toContain(encodeBase64(key.seed));
    expect(await decodeKeyFile(text, 'cafe\u0301')).toEqual({ name: 'me', key });
    expect(await codeOfAsync(decodeKeyFile(text, 'cafe'))).toBe('key.passphrase_wrong');
    expect(await codeOfAsync(decodeKeyFile(text, ''))).toBe('key.passphrase_wrong');
    expect(await codeOfAsync(decodeKeyFile(text))).toBe('key.passphrase_required');
  });

  it('may not choose their own costs, nor make a reader spend them', async () => {
    const text = await encodeKeyFile(key, { name: 'me', passphrase: 'p' });
    const before = process.cpuUsage();
    for (const [from, to] of [
      ['"n": 131072', '"n": 2'],
      ['"n": 131072', '"n": 262144'],
      ['"n": 131072', '"n": 1073741824'],
      ['"n": 131072', '"n": 9007199254740991'],
      ['"n": 131072', '"n": -131072'],
      ['"n": 131072', '"n": 131072.0'],
      ['"n": 131072', '"n": 1e9'],
      ['"n": 131072', '"n": "131072"'],
      ['"n": 131072', '"n": [131072]'],
      ['"n": 131072', '"n": {"valueOf": 131072}'],
      ['"n": 131072', '"n": null'],
      ['"n": 131072', '"n": 131072, "n": 1'],
      ['"r": 8', '"r": 1000000'],
      ['"p": 1', '"p": 1000000'],
      ['"scrypt"', '"toString"'],
      ['"scrypt"', '"argon2id"'],
      ['"scrypt"', '7'],
      ['"salt": "', '"salt": "AAAA'],
      ['"nonce": "', '"nonce": "AAAA'],
      ['"box": "', '"box": "AAAA'],
      ['"box": "', '"box": "", "bo": "'],
      ['"schema"', '"__proto__": {"kdf": "none"}, "schema"'],
    ] as const) {
      expect(text).toContain(from);
      expect(await codeOfAsync(decodeKeyFile(text.replace(from, to), 'p')), to).toBe('key.file_invalid');
    }
    // One derivation of a key takes about half a second: none was made.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000);
  });

  it('are refused when they are anything else', async () => {
    const text = await encodeKeyFile(key, { name: 'me' });
    const other = encodeBase64(spkiOf(generateSigningKey().publicKey));
    for (const changed of [
      '',
      '{}',
      `${text}x`,
      text.replace('sheaf.key/1', 'sheaf.key/2'),
      text.replace('"none"', '"md5"'),
      text.replace('"name"', '"x": 1, "name"'),
      text.replace(encodeBase64(spkiOf(key.publicKey)), other),
      text.replace(encodeBase64(key.seed), 'AAAA'),
      text.replace('"me"', '"../me"'),
      `${' '.repeat(5000)}${text}`,
    ]) {
      expect(await codeOfAsync(decodeKeyFile(changed)), changed).toBe('key.file_invalid');
    }
    expect(await codeOfAsync(encodeKeyFile(key, { name: 'a b' }))).toBe('key.file_invalid');
  });
});
