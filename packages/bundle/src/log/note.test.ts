import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { signingKeyFromSeed } from '../keys/signing-key.js';
import { codeOf } from '../testing/codes.js';
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from './checkpoint.js';
import { hashLeaf } from './merkle.js';
import { logVerifierOf, openNote, parseLogVerifier, signNote } from './note.js';
import { formatTlogProof, parseTlogProof } from './tlog-proof.js';

/** The example of Go's sumdb note package: its signing key, its verifier, its note. */
const GO_SEED = (findBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz') ?? new Uint8Array(0)).subarray(1);
const GO_VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const GO_TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_NOTE = `${GO_TEXT}\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;
/** The example of C2SP signed-note. */
const C2SP_VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const C2SP_NOTE =
  'This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

const key = signingKeyFromSeed(new Uint8Array(32).fill(5));
const other = signingKeyFromSeed(new Uint8Array(32).fill(6));
const verifier = logVerifierOf('log.example/a', key.publicKey.raw);
const otherVerifier = logVerifierOf('log.example/b', other.publicKey.raw);
const note = signNote('text\n', verifier.name, key);

describe('notes', () => {
  it('are those of Go and of C2SP, to the byte', () => {
    expect(signNote(GO_TEXT, 'PeterNeumann', signingKeyFromSeed(GO_SEED))).toBe(GO_NOTE);
    expect(logVerifierOf('PeterNeumann', signingKeyFromSeed(GO_SEED).publicKey.raw).text).toBe(GO_VKEY);
    expect(openNote(GO_NOTE, [parseLogVerifier(GO_VKEY)]).text).toBe(GO_TEXT);
    expect(openNote(C2SP_NOTE, [parseLogVerifier(C2SP_VKEY)]).text).toBe('This is an example message.\n');
  });

  it('keep empty lines of their text', () => {
    expect(openNote(signNote('a\n\nb\n\n\n', verifier.name, key), [verifier]).text).toBe('a\n\nb\n\n\n');
  });

  it('may be signed by several keys, of which some are unknown', () => {
    const [, theirs] = signNote('text\n', otherVerifier.name, other).split('\n\n');
    const both = `${note}${theirs ?? ''}`;
    expect(openNote(both, [verifier, otherVerifier]).verified).toEqual([verifier, otherVerifier]);
    expect(openNote(both, [otherVerifier]).verified).toEqual([otherVerifier]);
    expect(codeOf(() => openNote(both, []))).toBe('log.key_unknown');
  });

  it('ignore a line that shares only the name or only the hash with a known key', () => {
    const impostor = signNote('text\n', verifier.name, other);
    expect(codeOf(() => openNote(impostor, [verifier]))).toBe('log.key_unknown');
    const renamed = note.replace('log.example/a', 'log.example/c');
    expect(codeOf(() => openNote(renamed, [verifier]))).toBe('log.key_unknown');
  });

  it('are refused when a known key signed something else, also beside a good signature', () => {
    expect(codeOf(() => openNote(note.replace('text', 'next'), [verifier]))).toBe('log.signature');
    const [, theirs] = signNote('other\n', otherVerifier.name, other).split('\n\n');
    expect(codeOf(() => openNote(`${note}${theirs ?? ''}`, [verifier, otherVerifier]))).toBe('log.signature');
    const short = `text\n\n\u2014 ${verifier.name} ${encodeBase64((findBase64(note.split(' ').at(-1)?.trim() ?? '') ?? new Uint8Array(9)).subarray(0, 67))}\n`;
    expect(codeOf(() => openNote(short, [verifier]))).toBe('log.signature');
  });

  it('are refused when one key signed twice', () => {
    const line = note.split('\n\n')[1] ?? '';
    expect(codeOf(() => openNote(`${note}${line}`, [verifier]))).toBe('note.invalid');
  });

  it.each([
    ['no signature', 'text\n\n'],
    ['no blank line', 'text\n'],
    ['nothing', ''],
    ['no final newline', note.slice(0, -1)],
    ['a carriage return', note.replace('text\n', 'text\r\n')],
    ['a tab', note.replace('text', 'te\txt')],
    ['a hyphen for the dash', note.replace('\u2014', '-')],
    ['a name with a plus', note.replace('log.example/a', 'log+a')],
    ['a name with a no-break space', note.replace('log.example/a', 'log\u00a0a')],
    ['no name', note.replace('log.example/a ', '')],
    ['bad base64', note.replace(/=?\n$/, '!\n')],
    ['four bytes of signature', `text\n\n\u2014 a ${encodeBase64(new Uint8Array(4))}\n`],
    ['65 signatures', `text\n\n${Array.from({ length: 65 }, (_, i) => `\u2014 a${i} AAAAAAA=\n`).join('')}`],
    ['half a surrogate pair', note.replace('text', '\ud800')],
    ['too much text', `${'a'.repeat(200_000)}${note}`],
  ])('are refused with %s', (_, text) => {
    expect(codeOf(() => openNote(text, [verifier]))).toBe('note.invalid');
  });

  it('never open after any change, and never crash', () => {
    fc.assert(
      fc.property(fc.nat({ max: note.length - 1 }), fc.string({ maxLength: 2 }), (at, text) => {
        const changed = note.slice(0, at) + text + note.slice(at + 1);
        const code = codeOf(() => openNote(changed, [verifier]));
        if (changed !== note) expect(code).toMatch(/^(note\.invalid|log\.signature|log\.key_unknown)$/);
      }),
      { numRuns: 500 },
    );
  });

  it('cannot be signed with a text that could not be opened', () => {
    expect(codeOf(() => signNote('text', 'a', key))).toBe('note.invalid');
    expect(codeOf(() => signNote('te\rxt\n', 'a', key))).toBe('note.invalid');
    expect(codeOf(() => signNote('text\n', 'a b', key))).toBe('log.key_invalid');
  });
});

describe('verifier keys', () => {
  it('are read back', () => {
    expect(parseLogVerifier(verifier.text)).toEqual(verifier);
  });

  it.each([
    '',
    'a',
    'a+b+c',
    verifier.text.replace('log.', 'lok.'),
    verifier.text.replace('+A', '+B'),
    `${verifier.text}=`,
    verifier.text.replace(/\+[0-9a-f]{8}\+/, (hash) => hash.toUpperCase().replaceAll(/[0-9]/g, 'A')),
    ` ${verifier.text}`,
    `a+00000000+${encodeBase64(Uint8Array.from([1, ...new Uint8Array(32)]))}`,
    'a'.repeat(600),
    C2SP_VKEY.replace('530d903a', '530d903b'),
  ])('refuse %j', (text) => {
    expect(codeOf(() => parseLogVerifier(text))).toBe('log.key_invalid');
  });
});

describe('checkpoints', () => {
  const checkpoint = { origin: 'log.example/a', size: 20852163, root: hashLeaf(new Uint8Array(0)) };

  it('survive a round trip', () => {
    expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
    expect(openCheckpoint(signNote(formatCheckpoint(checkpoint), verifier.name, key), verifier)).toEqual(
      checkpoint,
    );
  });

  it('have three lines, of which the example of C2SP is one', () => {
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    expect(formatCheckpoint(parseCheckpoint(text))).toBe(text);
  });

  it('may carry extension lines, which nothing is decided by', () => {
    expect(parseCheckpoint(`${formatCheckpoint(checkpoint)}extension\n`)).toEqual(checkpoint);
  });

  const text = formatCheckpoint(checkpoint);
  it.each([
    ['nothing', ''],
    ['no origin', text.replace('log.example/a', '')],
    ['a leading zero', text.replace('20852163', '020852163')],
    ['a negative size', text.replace('20852163', '-1')],
    ['a size beyond what a number holds', text.replace('20852163', '9007199254740993')],
    ['a hexadecimal size', text.replace('20852163', '0x10')],
    ['a short root', 'a\n1\nAAAA\n'],
    ['no root', 'a\n1\n'],
    ['no final newline', text.slice(0, -1)],
    ['an empty line', `${text}\n`],
  ])('are refused with %s', (_, bad) => {
    expect(codeOf(() => parseCheckpoint(bad))).toBe('checkpoint.invalid');
  });

  it('cannot be formatted when they are not one', () => {
    expect(codeOf(() => formatCheckpoint({ ...checkpoint, origin: 'a\nb' }))).toBe('checkpoint.invalid');
    expect(codeOf(() => formatCheckpoint({ ...checkpoint, size: 1.5 }))).toBe('checkpoint.invalid');
    expect(codeOf(() => formatCheckpoint({ ...checkpoint, root: new Uint8Array(31) }))).toBe(
      'checkpoint.invalid',
    );
  });
});

describe('tlog proofs', () => {
  const proof = {
    index: 73894,
    hashes: [hashLeaf(Uint8Array.of(1)), hashLeaf(Uint8Array.of(2))],
    checkpoint: note,
  };
  const text = formatTlogProof(proof);

  it('survive a round trip, also without hashes', () => {
    expect(parseTlogProof(text)).toEqual(proof);
    const alone = { ...proof, index: 0, hashes: [] };
    expect(parseTlogProof(formatTlogProof(alone))).toEqual(alone);
    expect(text.startsWith('c2sp.org/tlog-proof@v1\nindex 73894\n')).toBe(true);
  });

  it('may carry extra data, which is dropped', () => {
    expect(parseTlogProof(text.replace('index', 'extra AAAA\nindex'))).toEqual(proof);
  });

  it.each([
    ['nothing', ''],
    ['another header', text.replace('@v1', '@v2')],
    ['no index', text.replace('index 73894\n', '')],
    ['a leading zero', text.replace('73894', '073894')],
    ['an index beyond what a number holds', text.replace('73894', '9007199254740993')],
    ['a short hash', text.replace(/[^\n]+\n\n/, 'AAAA\n\n')],
    ['no checkpoint', text.split('\n\n')[0] ?? ''],
    ['bad extra data', text.replace('index', 'extra ?\nindex')],
    [
      'too many hashes',
      text.replace('73894\n', `73894\n${`${encodeBase64(hashLeaf(new Uint8Array(0)))}\n`.repeat(60)}`),
    ],
    ['too much', `${text}${'a'.repeat(300_000)}`],
  ])('are refused with %s', (_, bad) => {
    expect(codeOf(() => parseTlogProof(bad))).toBe('proof.invalid');
  });
});
