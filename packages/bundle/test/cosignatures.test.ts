import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  checkQuorum,
  cosignCheckpoint,
  formatAddCheckpoint,
  openCheckpoint,
  parseAddCheckpoint,
  parseWitnessPolicy,
  parseWitnessVerifier,
  readCosignatures,
  signingKeyFromSeed,
  signNote,
  witnessVerifierOf,
} from '../src/index.js';
import { codeOf } from '../src/testing/codes.js';
import { createWorld, LOG_KEY, LOG_VERIFIER } from '../src/testing/world.js';

const FILE = new URL('../vectors/v1/cosignatures.json', import.meta.url);
const BLOB = readFileSync(new URL('../vectors/v1/bundle.tar.gz', import.meta.url));

interface Vectors {
  readonly log: string;
  readonly checkpoint: string;
  readonly witnesses: readonly {
    readonly seed: string;
    readonly vkey: string;
    readonly time: number;
    readonly line: string;
  }[];
  readonly cosigned: string;
  readonly addCheckpoint: string;
  readonly policies: readonly {
    readonly text: string;
    readonly met: readonly (readonly number[])[];
    readonly unmet: readonly (readonly number[])[];
  }[];
  readonly refused: readonly { readonly why: string; readonly note: string; readonly code: string }[];
}

/** Everything of the file, made again; Ed25519 is deterministic. */
async function make(): Promise<Vectors> {
  const { checkpoint } = (await createWorld({ blob: Uint8Array.from(BLOB) })).receipt;
  const witnesses = [11, 12, 13].map((seed, i) => {
    const key = signingKeyFromSeed(new Uint8Array(32).fill(seed));
    const name = `witness.example/w${i + 1}`;
    const time = 1_750_000_000 + i;
    return {
      seed: Buffer.from(key.seed).toString('hex'),
      vkey: witnessVerifierOf(name, key.publicKey.raw).text,
      time,
      line: cosignCheckpoint(checkpoint, name, key, time),
    };
  });
  const [first, second] = witnesses;
  const lines = witnesses.map(({ line }) => line);
  const names = witnesses.map(({ vkey }, i) => `witness w${i + 1} ${vkey}\n`).join('');
  // Signed by the log anew, so that only the witnesses' lines are wrong.
  const grown = `${checkpoint.split('\n\n')[0] ?? ''}\n`.replace('\n3\n', '\n4\n');
  const log = `log ${LOG_VERIFIER.text}\n`;
  return {
    log: LOG_VERIFIER.text,
    checkpoint,
    witnesses,
    cosigned: `${checkpoint}${lines.join('')}`,
    addCheckpoint: formatAddCheckpoint({
      oldSize: 1,
      proof: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
      note: checkpoint,
    }),
    policies: [
      { text: `${log}quorum none\n`, met: [[]], unmet: [] },
      { text: `${log}${names}quorum w2\n`, met: [[1]], unmet: [[], [0, 2]] },
      {
        text: `${log}${names}group g 2 w1 w2 w3\nquorum g\n`,
        met: [
          [0, 1],
          [0, 2],
          [0, 1, 2],
        ],
        unmet: [[], [1]],
      },
      {
        text: `${log}${names}group a any w1 w2\ngroup b all a w3\nquorum b\n`,
        met: [
          [0, 2],
          [1, 2],
        ],
        unmet: [[2], [0, 1]],
      },
    ],
    refused: [
      {
        why: 'cosigned twice',
        note: `${checkpoint}${first?.line ?? ''}${first?.line ?? ''}`,
        code: 'note.invalid',
      },
      {
        why: 'another size',
        note: `${signNote(grown, LOG_VERIFIER.name, LOG_KEY)}${lines.join('')}`,
        code: 'witness.signature',
      },
      {
        why: 'the signature of another witness',
        note: `${checkpoint}${crossed(first?.line ?? '', second?.line ?? '')}`,
        code: 'witness.signature',
      },
    ],
  };
}

/** The key id of one line and the signature of another. */
function crossed(line: string, other: string): string {
  const payload = Buffer.from(line.split(' ')[2] ?? '', 'base64');
  Buffer.from(other.split(' ')[2] ?? '', 'base64').copy(payload, 4, 4);
  return `${line.split(' ').slice(0, 2).join(' ')} ${payload.toString('base64')}\n`;
}

const made = await make();
if (process.env['SHEAF_WRITE_VECTORS'] === '1')
  writeFileSync(FILE, `${JSON.stringify(made, undefined, 2)}\n`);
const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors;

describe('the golden vectors of cosignatures, version 1', () => {
  it('are made again to the byte', () => {
    expect(vectors).toEqual(made);
  });

  it('verify from the file alone', () => {
    const known = vectors.witnesses.map(({ vkey }) => parseWitnessVerifier(vkey));
    const times = vectors.witnesses.map(({ time }, i) => ({ witness: known[i], timeSeconds: time }));
    expect(readCosignatures(vectors.cosigned, known)).toEqual(times);
    expect(openCheckpoint(vectors.cosigned, LOG_VERIFIER).size).toBe(3);
    expect(parseAddCheckpoint(vectors.addCheckpoint)).toMatchObject({ oldSize: 1, note: vectors.checkpoint });
  });

  it('meet the policies that they should and no others', () => {
    const known = vectors.witnesses.map(({ vkey }) => parseWitnessVerifier(vkey));
    for (const { text, met, unmet } of vectors.policies) {
      const policy = parseWitnessPolicy(text, 'witness.policy');
      const isMet = (set: readonly number[]) =>
        checkQuorum(
          policy,
          known.filter((_, i) => set.includes(i)),
        ).met;
      expect(met.map(isMet)).toEqual(met.map(() => true));
      expect(unmet.map(isMet)).toEqual(unmet.map(() => false));
    }
  });

  it('are refused where they say so', () => {
    const known = vectors.witnesses.map(({ vkey }) => parseWitnessVerifier(vkey));
    for (const { note, code } of vectors.refused)
      expect(codeOf(() => readCosignatures(note, known))).toBe(code);
  });
});
