import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { signingKeyFromSeed } from '../keys/signing-key.js';
import { codeOf } from '../testing/codes.js';
import { formatCheckpoint, openCheckpoint } from './checkpoint.js';
import {
  cosignCheckpoint,
  parseWitnessVerifier,
  readCosignatures,
  type WitnessVerifier,
  witnessVerifierOf,
} from './cosignature.js';
import { hashLeaf } from './merkle.js';
import { logVerifierOf, signNote } from './note.js';

/** A checkpoint of a public log as its witnesses cosigned it on 23 May 2026, and the key of one of them. */
const PUBLIC_VKEY = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2';
const PUBLIC_NOTE = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

\u2014 arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
\u2014 transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
\u2014 remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
`;

const logKey = signingKeyFromSeed(new Uint8Array(32).fill(2));
const origin = 'log.example/a';
const note = signNote(
  formatCheckpoint({ origin, size: 7, root: hashLeaf(Uint8Array.of(1)) }),
  origin,
  logKey,
);
const key = signingKeyFromSeed(new Uint8Array(32).fill(5));
const other = signingKeyFromSeed(new Uint8Array(32).fill(6));
const witness = witnessVerifierOf('witness.example/1', key.publicKey.raw);
const second = witnessVerifierOf('witness.example/2', other.publicKey.raw);
const TIME = 1679315147;
const line = cosignCheckpoint(note, witness.name, key, TIME);

/** A signature line with its payload changed. */
function altered(change: (payload: Uint8Array) => Uint8Array): string {
  const [, name, encoded] = line.trimEnd().split(' ');
  return `\u2014 ${name ?? ''} ${encodeBase64(change(findBase64(encoded ?? '') ?? new Uint8Array(0)))}\n`;
}

describe('cosignatures', () => {
  it('of a public witness are verified', () => {
    const known = parseWitnessVerifier(PUBLIC_VKEY);
    expect(readCosignatures(PUBLIC_NOTE, [known])).toEqual([{ witness: known, timeSeconds: 1779573024 }]);
    const larger = PUBLIC_NOTE.replace('1432088532', '1432088533');
    expect(codeOf(() => readCosignatures(larger, [known]))).toBe('witness.signature');
  });

  it('say who cosigned and when, and leave the signature of the log as it was', () => {
    const both = `${note}${line}${cosignCheckpoint(note, second.name, other, TIME + 1)}`;
    expect(readCosignatures(both, [witness, second])).toEqual([
      { witness, timeSeconds: TIME },
      { witness: second, timeSeconds: TIME + 1 },
    ]);
    expect(openCheckpoint(both, logVerifierOf(origin, logKey.publicKey.raw)).size).toBe(7);
  });

  it('do not cover other lines, so that a witness may come before or after another', () => {
    const after = cosignCheckpoint(
      `${note}${cosignCheckpoint(note, second.name, other, TIME)}`,
      witness.name,
      key,
      TIME,
    );
    expect(after).toBe(line);
  });

  it('of unknown witnesses count for nothing, valid or not', () => {
    expect(readCosignatures(`${note}${line}`, [second])).toEqual([]);
    const impostor = cosignCheckpoint(note, witness.name, other, TIME);
    expect(readCosignatures(`${note}${impostor}`, [witness])).toEqual([]);
  });

  it('are refused when one witness is there twice, whatever the second line says', () => {
    const again = cosignCheckpoint(note, witness.name, key, TIME + 60);
    expect(codeOf(() => readCosignatures(`${note}${line}${again}`, [witness]))).toBe('note.invalid');
    expect(codeOf(() => readCosignatures(`${note}${line}${line}`, [witness]))).toBe('note.invalid');
  });

  it('are refused with another time, another length, or the plain signature of the same key', () => {
    const later = altered((payload) => payload.map((byte, i) => (i === 11 ? byte + 1 : byte)));
    expect(codeOf(() => readCosignatures(`${note}${later}`, [witness]))).toBe('witness.signature');
    const longer = altered((payload) => Uint8Array.from([...payload, 0]));
    expect(codeOf(() => readCosignatures(`${note}${longer}`, [witness]))).toBe('witness.signature');
    const shorter = altered((payload) => payload.subarray(0, 5));
    expect(codeOf(() => readCosignatures(`${note}${shorter}`, [witness]))).toBe('witness.signature');
    const huge = altered((payload) => payload.map((byte, i) => (i >= 4 && i < 12 ? 0xff : byte)));
    expect(codeOf(() => readCosignatures(`${note}${huge}`, [witness]))).toBe('witness.signature');
  });

  it('are made of checkpoints alone, at a time that can be written down', () => {
    const letter = signNote('dear log\n', origin, logKey);
    expect(codeOf(() => cosignCheckpoint(letter, witness.name, key, TIME))).toBe('checkpoint.invalid');
    expect(codeOf(() => readCosignatures(letter, [witness]))).toBe('checkpoint.invalid');
    expect(codeOf(() => cosignCheckpoint('no note', witness.name, key, TIME))).toBe('note.invalid');
    for (const time of [-1, 0.5, Number.NaN, 2 ** 53])
      expect(codeOf(() => cosignCheckpoint(note, witness.name, key, time))).toBe('log.range');
  });

  it('are refused when any byte of the checkpoint or of the cosignature is another', () => {
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    fc.assert(
      fc.property(fc.nat(text.length - 2), fc.nat(71), fc.integer({ min: 1, max: 255 }), (at, byte, flip) => {
        const changed = altered((payload) => payload.map((b, i) => (i === byte + 4 ? b ^ flip : b)));
        expect(codeOf(() => readCosignatures(`${note}${changed}`, [witness]))).toBe('witness.signature');
        const digit = text.charAt(at) === '1' ? '2' : '1';
        const forged = `${text.slice(0, at)}${digit}${note.slice(at + 1)}${line}`;
        expect(codeOf(() => readCosignatures(forged, [witness]))).not.toBe('nothing');
      }),
    );
  });

  it('are read back as they were made, for every size, root and time', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.maxSafeNat(),
        (size, root, timeSeconds) => {
          const any = signNote(formatCheckpoint({ origin, size, root }), origin, logKey);
          const cosigned = `${any}${cosignCheckpoint(any, witness.name, key, timeSeconds)}`;
          expect(readCosignatures(cosigned, [second, witness])).toEqual([{ witness, timeSeconds }]);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the vkey of a witness', () => {
  const code = (vkey: string) => codeOf((): WitnessVerifier => parseWitnessVerifier(vkey));

  it('is read back as it was written', () => {
    expect(parseWitnessVerifier(witness.text)).toEqual(witness);
    expect(parseWitnessVerifier(PUBLIC_VKEY).text).toBe(PUBLIC_VKEY);
  });

  it('is refused with another hash, another algorithm, a weak key, or a name that a note cannot carry', () => {
    expect(code(PUBLIC_VKEY.replace('da77ade7', 'da77ade8'))).toBe('witness.key_invalid');
    expect(code(PUBLIC_VKEY.replace('remora', 'ramora'))).toBe('witness.key_invalid');
    expect(code(logVerifierOf('witness.example', key.publicKey.raw).text)).toBe('witness.key_invalid');
    for (const vkey of ['', 'a+b', '+da77ade7+BOvN', 'x'.repeat(600), PUBLIC_VKEY.slice(0, -1)])
      expect(code(vkey)).toBe('witness.key_invalid');
    expect(codeOf(() => witnessVerifierOf('two words', key.publicKey.raw))).toBe('witness.key_invalid');
    expect(codeOf(() => witnessVerifierOf('zero', new Uint8Array(32)))).toBe('witness.key_invalid');
  });
});
