import { canonicalJson } from '../../src/encoding/canonical-json.js';
import { encodeUtf8 } from '../../src/encoding/bytes.js';
import {
  encodeBase64,
  packTar,
  PAYLOAD_TYPE_STATEMENT,
  signEnvelope,
  signNote,
  spkiOf,
} from '../../src/index.js';
import { LOG_KEY, LOG_VERIFIER, ORIGIN, PUBLISHER, STRANGER } from '../../src/testing/world.js';
import { type Refused, sparse, type Sparse } from './refused.js';

type WithoutCode<T> = T extends unknown ? Omit<T, 'code'> : never;

/** What stands at the edge of a rule, and inside it. */
export type Accepted =
  | WithoutCode<Extract<Refused, { readonly kind: 'note' | 'envelope' | 'leaf' | 'key' | 'blob' }>>
  | AcceptedArchive;

/** An archive, and path, size and executable bit of its files in order. */
export interface AcceptedArchive {
  readonly kind: 'archive';
  readonly why: string;
  readonly archive: Sparse;
  readonly files: readonly (readonly [path: string, size: number, executable: boolean])[];
}

function archive(why: string, files: AcceptedArchive['files']): AcceptedArchive {
  const packed = packTar(
    files.map(([path, size, executable]) => ({ path, bytes: new Uint8Array(size).fill(0x61), executable })),
  );
  return { kind: 'archive', why, archive: sparse(packed), files };
}

const segment = (length: number) => 'a'.repeat(length);

function archives(): readonly Accepted[] {
  return [
    archive('no file', []),
    archive('sizes about a block', [
      ['a', 0, false],
      ['b', 1, true],
      ['c', 511, false],
      ['d', 512, true],
      ['e', 513, false],
    ]),
    archive('a path of 100 bytes', [[`${segment(49)}/${segment(50)}`, 1, false]]),
    archive('paths of 101 bytes, cut at the last place', [
      [`${segment(3)}/${segment(97)}`, 1, false],
      [`${segment(20)}/${segment(29)}/${segment(50)}`, 1, false],
    ]),
    archive('a path of 200 bytes', [
      [`${segment(49)}/${segment(49)}/${segment(49)}/${segment(50)}`, 1, true],
    ]),
    archive('16 segments', [['a/'.repeat(15) + 'b', 1, false]]),
    archive('the order of UTF-8', [
      ['a-b', 1, false],
      ['a/b', 1, false],
      ['a0', 1, false],
      ['\uff5e', 1, false],
      ['😀', 1, false],
    ]),
    archive('names that are nearly reserved', [
      ['HEAD', 1, false],
      ['a~1b', 1, false],
      ['com10', 1, false],
      ['console', 1, false],
      ['objects/x', 1, false],
      ['sheaf', 1, false],
    ]),
  ];
}

function notes(): readonly Accepted[] {
  const root = encodeBase64(new Uint8Array(32));
  const logKey = LOG_VERIFIER.text;
  const note = signNote(`${ORIGIN}\n9007199254740991\n${root}\nmore \u007f\u0085\n`, ORIGIN, LOG_KEY);
  return [
    { kind: 'note', why: 'delete and a C1 control character', note, logKey },
    {
      kind: 'note',
      why: 'lines of keys that nobody knows',
      note: `${note}— x AAAAAAA=\n— x AAAAAAA=\n`,
      logKey,
    },
    {
      kind: 'note',
      why: 'another key under the name of the log',
      note: `${note}— ${ORIGIN} AAAAAAA=\n`,
      logKey,
    },
  ];
}

function envelopes(): readonly Accepted[] {
  const payload = encodeUtf8('{}');
  const both = signEnvelope(PAYLOAD_TYPE_STATEMENT, payload, [STRANGER, PUBLISHER]);
  const [stranger, own] = both.signatures;
  const keys = [encodeBase64(spkiOf(PUBLISHER.publicKey))];
  const rest = { payloadType: PAYLOAD_TYPE_STATEMENT, keys, threshold: 1 };
  return [
    {
      kind: 'envelope',
      why: 'a signature by nobody who is asked for',
      envelope: JSON.stringify(both),
      ...rest,
    },
    {
      kind: 'envelope',
      why: 'a wrong hint',
      envelope: JSON.stringify({ ...both, signatures: [{ ...own, keyid: stranger?.keyid }] }),
      ...rest,
    },
    {
      kind: 'envelope',
      why: 'no hint, and a signature of another length',
      envelope: JSON.stringify({ ...both, signatures: [{ sig: 'AAAA' }, { sig: own?.sig }] }),
      ...rest,
    },
  ];
}

function leaves(): readonly Accepted[] {
  const leaf = {
    v: 1,
    ns: 'acme',
    seq: 9007199254740991,
    prev: 'e'.repeat(64),
    t: 0,
    type: 'yank',
    name: 'deploy',
    version: '1.0.9007199254740991-rc.0.x-y',
    reason: '😀'.repeat(250),
  };
  return [
    {
      kind: 'leaf',
      why: 'a reason of 500 UTF-16 units, and the largest numbers',
      leaf: new TextDecoder().decode(canonicalJson(leaf)),
    },
  ];
}

/** What a verifier must not refuse. */
export function acceptedInputs(): readonly Accepted[] {
  const y = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 2 : 0));
  const spki = encodeBase64(spkiOf({ ...PUBLISHER.publicKey, raw: y }));
  return [
    ...archives(),
    ...notes(),
    ...envelopes(),
    ...leaves(),
    { kind: 'key', why: 'no point of the curve: nothing verifies with it', key: spki },
  ];
}
