import {
  encodeBase64,
  findBase64,
  PAYLOAD_TYPE_STATEMENT,
  packTar,
  signEnvelope,
  spkiOf,
} from '../../src/index.js';
import { canonicalJson } from '../../src/encoding/canonical-json.js';
import { concatBytes, encodeUtf8 } from '../../src/encoding/bytes.js';
import { type RawHeader, rawHeader, rawTar } from '../../src/testing/raw-tar.js';
import { LOG_VERIFIER, PUBLISHER, STRANGER } from '../../src/testing/world.js';
import { refusedFiles } from './refused-files.js';
import { type Refused, sparse } from './refused.js';
import { storedGzip } from './stored-gzip.js';

const hello = encodeUtf8('hello');
const five = '00000000005\0';
const good = packTar([{ path: 'a', bytes: hello, executable: false }]);

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}

function archives(): readonly Refused[] {
  const one = (header: RawHeader) => rawTar([[{ size: five, ...header }, hello]]);
  const several = (...names: readonly string[]) => rawTar(names.map((name) => [{ name }]));
  const cases: readonly (readonly [string, string, Uint8Array])[] = [
    ['a symbolic link', 'archive.type', one({ type: '2', linkname: 'b' })],
    ['a pax header', 'archive.type', one({ type: 'x' })],
    ['a contiguous file', 'archive.type', one({ type: '7' })],
    ['an owner', 'archive.header', one({ uid: '0001750\0' })],
    ['a time', 'archive.header', one({ mtime: '00000000001\0' })],
    [
      'a size in base 256',
      'archive.header',
      one({ size: Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5) }),
    ],
    ['a needless prefix', 'archive.header', one({ prefix: 'b' })],
    ['bytes after the name', 'archive.header', one({ name: 'a\0b' })],
    ['a wrong checksum', 'archive.header', one({ checksum: () => '000000\0 ' })],
    ['8 GiB', 'archive.file_too_large', one({ size: '77777777777\0' })],
    ['the end before the file’s', 'archive.truncated', one({ size: '00000010000\0' })],
    ['padding that is not zero', 'archive.padding', changed(good, 512 + 5, 1)],
    ['one zero block', 'archive.truncated', good.subarray(0, -512)],
    ['three zero blocks', 'archive.trailer', concatBytes([good, new Uint8Array(512)])],
    ['a file after the trailer', 'archive.trailer', concatBytes([good, rawHeader({ name: 'b' })])],
    ['files out of order', 'archive.order', several('b', 'a')],
    ['the order of UTF-16', 'archive.order', several('😀', '\uff5e')],
    ['a file twice', 'archive.duplicate', several('a', 'a')],
    ['a file and a folder of one name', 'path.collision', several('a', 'a/b')],
    ['names that differ in case', 'path.collision', several('A', 'a')],
    ['sharp s', 'path.collision', several('strasse', 'straße')],
    ['a ligature', 'path.collision', several('file', 'ﬁle')],
    ['a git repository', 'path.reserved', several('HEAD', 'objects/x', 'refs/x')],
    ['an absolute path', 'path.absolute', several('/a')],
    ['a parent folder', 'path.segment', several('a/../b')],
    ['a drive', 'path.character', several('C:a')],
    ['reversed text', 'path.character', several('a\u202eb')],
    ['a dash', 'path.dash', several('-a')],
    ['a decomposed name', 'path.not_nfc', several('e\u0301')],
    ['a trailing dot', 'path.space', several('a.')],
    ['a device', 'path.reserved', several('a/com¹.txt')],
    ['a name of sheaf', 'path.reserved', several('.SHEAF')],
    ['a short name', 'path.short_name', several('PROGRA~1')],
    ['an empty name', 'path.empty', several('')],
    ['201 bytes', 'path.too_long', rawTar([[{ name: 'a'.repeat(100), prefix: 'b'.repeat(100) }]])],
    ['a code point that will never be a character', 'path.character', several('a\uffff')],
    ['a name that is no UTF-8', 'archive.header', rawTar([[{ name: Uint8Array.of(0x61, 0xff) }]])],
    [
      'a path of 100 bytes that is cut all the same',
      'archive.header',
      rawTar([[{ name: 'b'.repeat(49), prefix: 'a'.repeat(50) }]]),
    ],
    [
      'a long path that is cut too early',
      'archive.header',
      rawTar([[{ name: `${'b'.repeat(40)}/${'c'.repeat(40)}`, prefix: 'a'.repeat(40) }]]),
    ],
    ['a reserved name once folded twice', 'path.reserved', several('ﬃ/.Shea\uff46')],
    ['a link out of place', 'archive.type', rawTar([[{ name: '../a', type: '2' }]])],
    ['17 segments', 'path.too_deep', several(`${'a/'.repeat(16)}b`)],
  ];
  return cases.map(([why, code, bytes]) => ({ kind: 'archive', why, code, archive: sparse(bytes) }));
}

function blobs(blob: Uint8Array, size: number): readonly Refused[] {
  const stored = storedGzip(good);
  const cases: readonly (readonly [string, string, Uint8Array, number])[] = [
    ['a flag', 'gzip.header', changed(blob, 3, 1), size],
    ['another method', 'gzip.header', changed(blob, 2, 9), size],
    ['a second member', 'gzip.corrupt', concatBytes([blob, storedGzip(new Uint8Array(0))]), size],
    ['a byte more', 'gzip.corrupt', concatBytes([blob, Uint8Array.of(0)]), size],
    [
      'bytes before the footer',
      'gzip.corrupt',
      concatBytes([stored.subarray(0, -8), Uint8Array.of(0), stored.subarray(-8)]),
      good.length,
    ],
    ['a byte less', 'gzip.corrupt', blob.subarray(0, -9), size],
    [
      'another checksum',
      'gzip.corrupt',
      changed(stored, stored.length - 8, (stored.at(-8) ?? 0) ^ 1),
      good.length,
    ],
    ['another size in the footer', 'gzip.size', changed(stored, stored.length - 1, 1), good.length],
    ['more than was signed', 'gzip.corrupt', blob, size - 512],
    ['less than was signed', 'gzip.size', blob, size + 512],
    ['17 bytes', 'gzip.header', blob.subarray(0, 17), size],
    ['more than deflate can make of so few bytes', 'gzip.size', changed(stored, 10, 7), 32 << 20],
    ['more than any archive may have', 'archive.too_large', blob, (32 << 20) + 512],
  ];
  return cases.map(([why, code, bytes, signed]) => ({
    kind: 'blob',
    why,
    code,
    blob: encodeBase64(bytes),
    size: signed,
  }));
}

function keys(): readonly Refused[] {
  const spki = (raw: Uint8Array) => encodeBase64(spkiOf({ ...PUBLISHER.publicKey, raw }));
  const p = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0xed : i === 31 ? 0x7f : 0xff));
  const cases: readonly (readonly [string, string, string])[] = [
    ['of small order', 'key.weak', spki(new Uint8Array(32))],
    ['not canonical', 'key.weak', spki(p)],
    ['too short', 'key.invalid', spki(new Uint8Array(31).fill(9))],
    [
      'url-safe base64',
      'key.invalid',
      spki(PUBLISHER.publicKey.raw).replace('+', '-').replace('/', '_').replace('=', ''),
    ],
  ];
  return cases.map(([why, code, key]) => ({ kind: 'key', why, code, key }));
}

function envelopes(): readonly Refused[] {
  const payload = encodeUtf8('{}');
  const good = signEnvelope(PAYLOAD_TYPE_STATEMENT, payload, [PUBLISHER, PUBLISHER]);
  const json = JSON.stringify(good);
  const [first] = good.signatures;
  const both = [PUBLISHER, STRANGER].map((key) => encodeBase64(spkiOf(key.publicKey)));
  const flipped = findBase64(first?.sig ?? '') ?? new Uint8Array(64);
  const cases: readonly (readonly [string, string, string, number])[] = [
    ['one key signed twice', 'signature.invalid', json, 2],
    ['a changed payload', 'signature.invalid', json.replace('"e30="', '"W10="'), 1],
    [
      'a changed signature',
      'signature.invalid',
      JSON.stringify({
        ...good,
        signatures: [{ sig: encodeBase64(changed(flipped, 40, (flipped[40] ?? 0) ^ 1)) }],
      }),
      1,
    ],
    ['another type', 'envelope.payload_type', json.replace('vnd.in-toto', 'vnd.other'), 1],
    ['a member twice', 'envelope.invalid', json.replace('{"payloadType"', '{"payload":"","payloadType"'), 1],
    ['an unknown member', 'envelope.invalid', json.replace('{"payloadType"', '{"extra":1,"payloadType"'), 1],
    ['base64 that is not its one spelling', 'envelope.invalid', json.replace('"e30="', '"e31="'), 1],
    [
      'an unused bit in the base64 of a signature',
      'envelope.invalid',
      JSON.stringify({
        ...good,
        signatures: [{ sig: (first?.sig ?? '').replace(/[A-Za-z0-9+/]==$/, 'B==') }],
      }),
      1,
    ],
    ['no signature', 'envelope.invalid', JSON.stringify({ ...good, signatures: [] }), 1],
  ];
  return cases.map(([why, code, envelope, threshold]) => ({
    kind: 'envelope',
    why,
    code,
    envelope,
    payloadType: PAYLOAD_TYPE_STATEMENT,
    keys: both,
    threshold,
  }));
}

function events(): readonly Refused[] {
  const head = '"namespace":"acme","registry":"wf.example.com"';
  const cases: readonly (readonly [string, string])[] = [
    ['an unknown type', `{${head},"type":"key.steal"}`],
    [
      'compromised without an index',
      `{"keyid":"${'a'.repeat(64)}",${head},"reason":"compromised","type":"key.revoke"}`,
    ],
    [
      'superseded with an index',
      `{"fromIndex":1,"keyid":"${'a'.repeat(64)}",${head},"reason":"superseded","type":"key.revoke"}`,
    ],
    ['a threshold of 0', `{${head},"threshold":0,"type":"ns.policy"}`],
    ['a threshold of 16', `{${head},"threshold":16,"type":"ns.policy"}`],
    [
      'a namespace that is a log',
      `{"namespace":"public","registry":"wf.example.com","threshold":2,"type":"ns.policy"}`,
    ],
    ['an unknown member', `{"extra":1,${head},"threshold":2,"type":"ns.policy"}`],
    [
      'a namespace in capitals',
      `{"namespace":"Acme","registry":"wf.example.com","threshold":2,"type":"ns.policy"}`,
    ],
  ];
  const spki = encodeBase64(spkiOf(PUBLISHER.publicKey));
  const add = (publicKey: string) =>
    `{${head.replace(',', `,"publicKey":${JSON.stringify(publicKey)},`)},"type":"key.add"}`;
  const weak = encodeBase64(spkiOf({ ...PUBLISHER.publicKey, raw: new Uint8Array(32) }));
  const keyed: readonly (readonly [string, string, string])[] = [
    ['a key in pem', 'key.invalid', add(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`)],
    ['a space after the key', 'key.invalid', add(`${spki} `)],
    ['a weak key', 'key.weak', add(weak)],
  ];
  return [...cases.map(([why, event]) => [why, 'key.event_invalid', event] as const), ...keyed].map(
    ([why, code, event]) => ({ kind: 'key-event', why, code, event }),
  );
}

const spki = encodeBase64(spkiOf(PUBLISHER.publicKey));
const chained = { v: 1, ns: 'acme', seq: 1, prev: 'e'.repeat(64), t: 1_700_000_000 };
const leafText = (leaf: object): string => new TextDecoder().decode(canonicalJson({ ...leaf }));

function publishLeaf(change: object): string {
  return leafText({
    ...chained,
    type: 'publish',
    name: 'deploy',
    version: '1.0.0',
    tar: { sha256: 'a'.repeat(64), size: 1024 },
    blob: { sha256: 'b'.repeat(64), size: 100, enc: 'gzip' },
    envelope: 'c'.repeat(64),
    keyids: ['a'.repeat(64), 'b'.repeat(64)],
    auth: [1, 2],
    ...change,
  });
}

function addLeaf(key: string, keyid: string = PUBLISHER.publicKey.id): string {
  return leafText({ ...chained, type: 'key.add', keyid, key, by: [keyid], event: 'd'.repeat(64) });
}

function yankLeaf(reason: string): string {
  return leafText({ ...chained, type: 'yank', name: 'deploy', version: '1.0.0', reason });
}

function leaves(): readonly Refused[] {
  const good = '{"ns":"acme","prev":"","seq":0,"t":1700000000,"type":"ns.create","v":1}';
  const cases: readonly (readonly [string, string, string])[] = [
    ['a space', 'leaf.invalid', good.replace(',"prev"', ', "prev"')],
    ['members out of order', 'leaf.invalid', good.replace('"ns":"acme","prev":""', '"prev":"","ns":"acme"')],
    ['an escape that is not needed', 'leaf.invalid', good.replace('acme', '\\u0061cme')],
    ['an unknown member', 'leaf.invalid', good.replace('"v":1', '"v":1,"w":1')],
    ['another version', 'leaf.invalid', good.replace('"v":1', '"v":2')],
    ['a fraction', 'leaf.invalid', good.replace('1700000000', '1700000000.0')],
    ['no prev though it is not the first', 'leaf.invalid', good.replace('"seq":0', '"seq":1')],
    ['an unknown type', 'leaf.type_unknown', good.replace('ns.create', 'ns.destroy')],
    ['an unknown type, not canonical', 'leaf.type_unknown', good.replace('"ns.create"', ' "ns.destroy"')],
    [
      'an unknown type of another version',
      'leaf.invalid',
      good.replace('ns.create"', 'ns.destroy"').replace('"v":1', '"v":2'),
    ],
    ['a namespace that is a log', 'leaf.invalid', good.replace('acme', 'public')],
    ['fewer authorities than keys', 'leaf.invalid', publishLeaf({ auth: [1] })],
    ['one key twice', 'leaf.invalid', publishLeaf({ keyids: ['a'.repeat(64), 'a'.repeat(64)] })],
    ['a number of a version above 2^53-1', 'leaf.invalid', publishLeaf({ version: '1.0.9007199254740992' })],
    ['build metadata', 'leaf.invalid', publishLeaf({ version: '1.0.0+1' })],
    [
      'an added key in pem',
      'key.invalid',
      addLeaf(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`),
    ],
    ['an added key with another id', 'leaf.invalid', addLeaf(spki, 'a'.repeat(64))],
    ['a reason with a mark of direction', 'leaf.invalid', yankLeaf('left\u200eright')],
    ['a reason of 501 UTF-16 units', 'leaf.invalid', yankLeaf(`a${'😀'.repeat(250)}`)],
    ['34 levels', 'leaf.invalid', good.replace('"v":1', `"v":${'['.repeat(33)}${']'.repeat(33)}`)],
  ];
  return cases.map(([why, code, leaf]) => ({ kind: 'leaf', why, code, leaf }));
}

function notes(checkpoint: string): readonly Refused[] {
  const signature = checkpoint.slice(checkpoint.indexOf('\n\n') + 2);
  const cases: readonly (readonly [string, string, string])[] = [
    ['no signature', 'note.invalid', checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1)],
    ['a control character', 'note.invalid', checkpoint.replace('\n3\n', '\n3\r\n')],
    ['one key twice', 'note.invalid', checkpoint + signature],
    ['no newline at its end', 'note.invalid', checkpoint.slice(0, -1)],
    ['a name with a space of another script', 'note.invalid', checkpoint.replace('— wf.', '— w\u2003f.')],
    ['a payload of four bytes', 'note.invalid', `${checkpoint}— other AAAAAA==\n`],
    [
      'a bad signature before a malformed line',
      'note.invalid',
      `${checkpoint.replace('\n3\n', '\n2\n')}— x\n`,
    ],
    ['65 lines', 'note.invalid', checkpoint + '— other AAAAAAA=\n'.repeat(64)],
    ['a changed text', 'log.signature', checkpoint.replace('\n3\n', '\n2\n')],
    ['nobody who is known', 'log.key_unknown', checkpoint.replace('— wf.example.com', '— wf.example.org')],
  ];
  return cases.map(([why, code, note]) => ({ kind: 'note', why, code, note, logKey: LOG_VERIFIER.text }));
}

function documents(receipt: string, checkpoint: string): readonly Refused[] {
  const { publish } = JSON.parse(receipt) as { publish: object };
  const standing = JSON.stringify({ checkpoint, events: [publish], v: 1 });
  const twice = JSON.stringify({ checkpoint, events: [publish, publish], v: 1 });
  const proof = 'c2sp.org/tlog-proof@v1\nindex 2\n';
  return [
    {
      kind: 'receipt',
      why: 'another version',
      code: 'receipt.invalid',
      receipt: receipt.replace('"v":1}', '"v":2}'),
    },
    {
      kind: 'receipt',
      why: 'an unknown member',
      code: 'receipt.invalid',
      receipt: receipt.replace('"v":1}', '"v":1,"w":1}'),
    },
    {
      kind: 'receipt',
      why: 'an envelope with an unused bit in its base64',
      code: 'envelope.invalid',
      receipt: receipt.replace(/"sig":"([^"]*)[A-Za-z0-9+/]=="/, '"sig":"$1B=="'),
    },
    {
      kind: 'receipt',
      why: 'a leaf with an unused bit in its base64',
      code: 'receipt.invalid',
      receipt: receipt.replace(/"leaf":"[^"]*"/, '"leaf":"e31="'),
    },
    {
      kind: 'receipt',
      why: 'a short hash',
      code: 'receipt.invalid',
      receipt: receipt.replace(/"proof":\["[^"]*"/, '"proof":["AAAA"'),
    },
    { kind: 'standing', why: 'one index twice', code: 'standing.invalid', standing: twice },
    {
      kind: 'standing',
      why: 'a negative index',
      code: 'standing.invalid',
      standing: standing.replace('"index":2', '"index":-1'),
    },
    {
      kind: 'tlog-proof',
      why: 'another first line',
      code: 'proof.invalid',
      proof: `c2sp.org/tlog-proof@v2\nindex 2\n\n${checkpoint}`,
    },
    {
      kind: 'tlog-proof',
      why: 'no index',
      code: 'proof.invalid',
      proof: `c2sp.org/tlog-proof@v1\n\n${checkpoint}`,
    },
    {
      kind: 'tlog-proof',
      why: 'a short hash',
      code: 'proof.invalid',
      proof: `${proof}AAAA\n\n${checkpoint}`,
    },
    { kind: 'tlog-proof', why: 'no checkpoint', code: 'proof.invalid', proof },
  ];
}

function carries(blob: Uint8Array, receipt: string): readonly Refused[] {
  const { envelope } = JSON.parse(receipt) as { envelope: unknown };
  const file = (path: string, contents: string | Uint8Array, executable = false) => ({
    path,
    bytes: typeof contents === 'string' ? encodeUtf8(contents) : contents,
    executable,
  });
  const whole = file('receipt.json', receipt);
  const bundle = file('bundle.tar.gz', blob);
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['no bundle', packTar([whole])],
    ['neither receipt nor envelope', packTar([bundle])],
    ['a file that does not belong there', packTar([bundle, whole, file('x', '')])],
    ['an executable', packTar([{ ...bundle, executable: true }, whole])],
    ['a receipt that is not canonical', packTar([bundle, file('receipt.json', ` ${receipt}`)])],
    ['a receipt that is none', packTar([bundle, file('receipt.json', '{}')])],
    ['no archive', encodeUtf8('receipt')],
    ['receipt and envelope', packTar([bundle, whole, file('envelope.json', JSON.stringify(envelope))])],
  ];
  return cases.map(([why, bytes]) => ({ kind: 'carry', why, code: 'carry.invalid', file: sparse(bytes) }));
}

/** Every kind of input that has a form, spoilt. */
export function refusedInputs(blob: Uint8Array, tarBytes: number, receipt: string): readonly Refused[] {
  const { checkpoint } = JSON.parse(receipt) as { checkpoint: string };
  return [
    ...archives(),
    ...blobs(blob, tarBytes),
    ...keys(),
    ...envelopes(),
    ...events(),
    ...leaves(),
    ...notes(checkpoint),
    ...documents(receipt, checkpoint),
    ...carries(blob, receipt),
    ...refusedFiles(),
  ];
}
