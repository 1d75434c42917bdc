import { encodeUtf8 } from '../../src/encoding/bytes.js';
import { encodeBase64, packTar, signNote, spkiOf, witnessVerifierOf } from '../../src/index.js';
import { LOG_KEY, LOG_VERIFIER, ORIGIN, PUBLISHER, STRANGER } from '../../src/testing/world.js';
import { type Refused, sparse } from './refused.js';

const hello = encodeUtf8('hello');
const good = packTar([{ path: 'a', bytes: hello, executable: false }]);

/** Canonical archives that are no bundles. */
function bundles(): readonly Refused[] {
  const text = 'id = "acme/deploy"\nversion = "1.0.0"\n\n[steps.go]\nrun = "true"\n';
  const file = (path: string, bytes: Uint8Array, executable = false) => ({ path, bytes, executable });
  const definition = file('workflow.toml', encodeUtf8(text));
  const cases: readonly (readonly [string, string, Uint8Array])[] = [
    ['no definition', 'definition.missing', good],
    [
      'a definition in a folder only',
      'definition.missing',
      packTar([{ ...definition, path: 'a/workflow.toml' }]),
    ],
    [
      'two definitions',
      'definition.ambiguous',
      packTar([definition, { ...definition, path: 'workflow.yaml' }]),
    ],
    [
      'a definition of more than 1 MiB',
      'definition.too_large',
      packTar([file('workflow.toml', new Uint8Array((1 << 20) + 1))]),
    ],
    [
      'a definition without steps',
      'definition.invalid',
      packTar([file('workflow.toml', encodeUtf8(text.split('[')[0] ?? ''))]),
    ],
    ['a file that is not included', 'bundle.selection', packTar([definition, file('x', hello)])],
    ['an executable definition', 'bundle.selection', packTar([{ ...definition, executable: true }])],
  ];
  return cases.map(([why, code, bytes]) => ({ kind: 'bundle', why, code, archive: sparse(bytes) }));
}

function keyFiles(): readonly Refused[] {
  const named = {
    schema: 'sheaf.key/1',
    name: 'ci',
    publicKey: encodeBase64(spkiOf(PUBLISHER.publicKey)),
  };
  const plain = { ...named, kdf: 'none', seed: encodeBase64(PUBLISHER.seed) };
  const sealed = {
    ...named,
    kdf: 'scrypt',
    n: 131072,
    r: 8,
    p: 1,
    salt: encodeBase64(new Uint8Array(32)),
    nonce: encodeBase64(new Uint8Array(24)),
    box: encodeBase64(new Uint8Array(48)),
  };
  const cases: readonly (readonly [string, string, object])[] = [
    ['the seed of another key', 'key.file_invalid', { ...plain, seed: encodeBase64(STRANGER.seed) }],
    ['a seed of 31 bytes', 'key.file_invalid', { ...plain, seed: encodeBase64(new Uint8Array(31)) }],
    ['base64 without padding', 'key.file_invalid', { ...plain, seed: plain.seed.replaceAll('=', '') }],
    ['another cost', 'key.file_invalid', { ...sealed, n: 1 << 30 }],
    ['a short nonce', 'key.file_invalid', { ...sealed, nonce: encodeBase64(new Uint8Array(23)) }],
    ['an unknown member', 'key.file_invalid', { ...plain, extra: 1 }],
    ['a box that was not sealed with the passphrase', 'key.passphrase_wrong', sealed],
  ];
  return cases.map(([why, code, file]) => ({
    kind: 'key-file',
    why,
    code,
    file: JSON.stringify(file),
    passphrase: 'correct horse',
  }));
}

function verifierKeys(): readonly Refused[] {
  const { text } = LOG_VERIFIER;
  const witness = witnessVerifierOf('witness.example', STRANGER.publicKey.raw).text;
  const cases = (vkey: string, other: string): readonly (readonly [string, string])[] => [
    ['the hash of another key', vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['another algorithm', other],
    ['no hash', vkey.replace(/\+[0-9a-f]{8}/, '')],
    ['a space in its name', vkey.replace('.example', ' example')],
  ];
  return [
    ...cases(text, witness).map(
      ([why, vkey]) => ({ kind: 'log-key', why, code: 'log.key_invalid', vkey }) as const,
    ),
    ...cases(witness, text).map(
      ([why, vkey]) => ({ kind: 'witness-key', why, code: 'witness.key_invalid', vkey }) as const,
    ),
  ];
}

function witnessPolicies(): readonly Refused[] {
  const [one, two] = [PUBLISHER, STRANGER].map(
    ({ publicKey }, i) =>
      `witness w${i + 1} ${witnessVerifierOf(`witness.example/w${i + 1}`, publicKey.raw).text}\n`,
  );
  const both = `${one ?? ''}${two ?? ''}`;
  const cases: readonly (readonly [string, string])[] = [
    ['no quorum', both],
    ['two quorums', `${both}quorum w1\nquorum w1\n`],
    ['a quorum of nobody known', `${both}quorum w3\n`],
    ['a number of 0', `${both}group g 0 w1 w2\nquorum g\n`],
    ['a number above that of the members', `${both}group g 3 w1 w2\nquorum g\n`],
    ['a member of two groups', `${both}group a any w1\ngroup b any w1 w2\nquorum b\n`],
    ['a member before its line', `${one ?? ''}group g any w1 w2\n${two ?? ''}quorum g\n`],
    ['a name twice', `${one ?? ''}${(two ?? '').replace('w2', 'w1')}quorum w1\n`],
    ['one key twice', `${one ?? ''}${(one ?? '').replace('w1', 'w2')}quorum w1\n`],
    ['a name that is a keyword', `${both}group all any w1\nquorum w1\n`],
    ['an unknown first word', `${both}quorum w1\nwitnesses w1\n`],
    ['line ends of windows', `${both}quorum w1\r\n`],
    ['a log key for a witness', `witness w1 ${LOG_VERIFIER.text}\nquorum w1\n`],
  ];
  return cases.map(([why, policy]) => ({
    kind: 'witness-policy',
    why,
    code: 'witness.policy_invalid',
    policy,
  }));
}

function checkpoints(): readonly Refused[] {
  const root = encodeBase64(new Uint8Array(32));
  const cases: readonly (readonly [string, string])[] = [
    ['a leading zero in the size', `${ORIGIN}\n03\n${root}\n`],
    ['a size above 2^53-1', `${ORIGIN}\n9007199254740992\n${root}\n`],
    ['a negative size', `${ORIGIN}\n-1\n${root}\n`],
    ['no root', `${ORIGIN}\n3\n`],
    ['a short root', `${ORIGIN}\n3\nAAAA\n`],
    ['an empty line', `${ORIGIN}\n3\n${root}\n\nmore\n`],
  ];
  return cases.map(([why, text]) => ({
    kind: 'checkpoint',
    why,
    code: 'checkpoint.invalid',
    note: signNote(text, ORIGIN, LOG_KEY),
    logKey: LOG_VERIFIER.text,
  }));
}

/** Bundles, and the files and notes of those who run a registry, a witness or a client, spoilt. */
export function refusedFiles(): readonly Refused[] {
  return [...bundles(), ...keyFiles(), ...verifierKeys(), ...witnessPolicies(), ...checkpoints()];
}
