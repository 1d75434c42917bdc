import {
  cosignCheckpoint,
  formatCheckpoint,
  generateSigningKey,
  hashLeaf,
  readCosignatures,
  signNote,
  witnessVerifierOf,
} from '@sheaf/bundle';
import { expect, test } from 'vitest';
import { withCosignatures, withoutCosignatures } from './cosigned-notes.js';

const note = signNote(
  formatCheckpoint({ origin: 'wf.example.com/log/public', size: 3, root: hashLeaf(new Uint8Array(1)) }),
  'wf.example.com/log/public',
  generateSigningKey(),
);
const [one, two] = [generateSigningKey(), generateSigningKey()];
const known = [witnessVerifierOf('w1', one.publicKey.raw), witnessVerifierOf('w2', two.publicKey.raw)];

test('a cosignature takes the place of an older one of the same witness, and stands beside those of others', () => {
  const sealed = `${note}${cosignCheckpoint(note, 'w1', one, 100)}`;
  const merged = withCosignatures(sealed, [
    cosignCheckpoint(note, 'w2', two, 150),
    cosignCheckpoint(note, 'w1', one, 200),
  ]);
  expect(readCosignatures(merged, known).map(({ timeSeconds }) => timeSeconds)).toEqual([200, 150]);
  expect(merged.split('\n')).toHaveLength(sealed.split('\n').length + 1);
});

test('witnesses of one name and different keys do not displace each other', () => {
  const sealed = `${note}${cosignCheckpoint(note, 'w1', one, 100)}`;
  const merged = withCosignatures(sealed, [cosignCheckpoint(note, 'w1', two, 150)]);
  expect(merged.startsWith(sealed)).toBe(true);
});

test('a note without cosignatures is what the log signed', () => {
  expect(withCosignatures(note, [])).toBe(note);
  expect(withoutCosignatures(`${note}${cosignCheckpoint(note, 'w1', one, 100)}`)).toBe(note);
  expect(withoutCosignatures(note)).toBe(note);
});
