import { describe, expect, it } from 'vitest';
import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/bytes.js';
import { signingKeyFromSeed } from '../keys/signing-key.js';
import { verifyEd25519 } from '../keys/ed25519.js';
import { codeOf } from '../testing/codes.js';
import { createWorld, PUBLISHER, STRANGER } from '../testing/world.js';
import {
  encodeEnvelope,
  parseEnvelope,
  PAYLOAD_TYPE_STATEMENT,
  signEnvelope,
  verifyEnvelope,
} from './envelope.js';
import { encodePublishStatement, parsePublishStatement } from './publish-statement.js';

const world = await createWorld();
const payload = encodePublishStatement(world.statement);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('envelopes', () => {
  const envelope = signEnvelope(PAYLOAD_TYPE_STATEMENT, payload, [PUBLISHER]);

  it('sign the pre-authentication encoding of DSSE', () => {
    const signed = signEnvelope('http://example.com/HelloWorld', encodeUtf8('hello world'), [PUBLISHER]);
    const message = encodeUtf8('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
    const signature = findBase64(signed.signatures[0]?.sig ?? '') ?? new Uint8Array(0);
    expect(verifyEd25519(PUBLISHER.publicKey.raw, message, signature)).toBe(true);
  });

  it('survive a round trip, and give back the very bytes that were signed', () => {
    const parsed = parseEnvelope(encodeEnvelope(envelope));
    expect(parsed).toEqual(envelope);
    const { payload: verified, signers } = verifyEnvelope(
      parsed,
      PAYLOAD_TYPE_STATEMENT,
      [STRANGER.publicKey, PUBLISHER.publicKey],
      1,
    );
    expect(verified).toEqual(payload);
    expect(signers).toEqual([PUBLISHER.publicKey]);
  });

  it('treat the key id as a hint only', () => {
    const [signature] = envelope.signatures;
    for (const keyid of [undefined, '', 'someone', STRANGER.publicKey.id]) {
      const hinted = {
        ...envelope,
        signatures: [{ sig: signature?.sig ?? '', ...(keyid === undefined ? {} : { keyid }) }],
      };
      expect(
        verifyEnvelope(hinted, PAYLOAD_TYPE_STATEMENT, [STRANGER.publicKey, PUBLISHER.publicKey], 1).signers,
      ).toEqual([PUBLISHER.publicKey]);
      expect(codeOf(() => verifyEnvelope(hinted, PAYLOAD_TYPE_STATEMENT, [STRANGER.publicKey], 1))).toBe(
        'signature.invalid',
      );
    }
  });

  it('reach a threshold with distinct keys only', () => {
    const third = signingKeyFromSeed(new Uint8Array(32).fill(9));
    const keys = [PUBLISHER.publicKey, STRANGER.publicKey, third.publicKey];
    const twice = signEnvelope(PAYLOAD_TYPE_STATEMENT, payload, [PUBLISHER, PUBLISHER]);
    const both = signEnvelope(PAYLOAD_TYPE_STATEMENT, payload, [PUBLISHER, STRANGER]);
    expect(codeOf(() => verifyEnvelope(twice, PAYLOAD_TYPE_STATEMENT, keys, 2))).toBe('signature.invalid');
    expect(verifyEnvelope(both, PAYLOAD_TYPE_STATEMENT, keys, 2).signers.length).toBe(2);
    expect(codeOf(() => verifyEnvelope(both, PAYLOAD_TYPE_STATEMENT, [...keys, ...keys], 3))).toBe(
      'signature.invalid',
    );
    expect(codeOf(() => verifyEnvelope(both, PAYLOAD_TYPE_STATEMENT, keys, 0))).toBe('signature.invalid');
    expect(codeOf(() => verifyEnvelope(both, PAYLOAD_TYPE_STATEMENT, keys, 0.5))).toBe('signature.invalid');
  });

  it('are refused with another type, payload or signature', () => {
    const keys = [PUBLISHER.publicKey];
    expect(codeOf(() => verifyEnvelope(envelope, 'application/json', keys, 1))).toBe('envelope.payload_type');
    const retyped = { ...envelope, payloadType: 'application/json' };
    expect(codeOf(() => verifyEnvelope(retyped, 'application/json', keys, 1))).toBe('signature.invalid');
    const changed = { ...envelope, payload: encodeBase64(encodeUtf8('{}')) };
    expect(codeOf(() => verifyEnvelope(changed, PAYLOAD_TYPE_STATEMENT, keys, 1))).toBe('signature.invalid');
    const unsigned = {
      ...envelope,
      signatures: [{ sig: encodeBase64(new Uint8Array(64)) }, { sig: 'AAAA' }, { sig: '?' }],
    };
    expect(codeOf(() => verifyEnvelope(unsigned, PAYLOAD_TYPE_STATEMENT, keys, 1))).toBe('signature.invalid');
    expect(codeOf(() => verifyEnvelope({ ...envelope, payload: '?' }, PAYLOAD_TYPE_STATEMENT, keys, 1))).toBe(
      'envelope.invalid',
    );
  });

  const text = decode(encodeEnvelope(envelope));
  it.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['an unknown member', text.replace('{"payload"', '{"extra":1,"payload"')],
    ['an unknown member of a signature', text.replace('"sig":', '"cert":"","sig":')],
    ['a duplicate member', text.replace('{"payload"', '{"payload":"","payload"')],
    ['a missing payload', text.replace('"payload":', '"Payload":')],
    ['url-safe base64', text.replace(/"payload":"[^"]*"/, '"payload":"-_=="')],
    ['base64 without padding', text.replace(/"payload":"[^"]*"/, '"payload":"AA"')],
    ['loose base64', text.replace(/"payload":"[^"]*"/, '"payload":"AB=="')],
    ['no signature', text.replace(/"signatures":\[.*\]/, '"signatures":[]')],
    [
      '17 signatures',
      text.replace(/"signatures":\[.*\]/, `"signatures":[${Array(17).fill('{"sig":""}').join(',')}]`),
    ],
    ['a payload type with a space', text.replace('vnd.in-toto', 'vnd in-toto')],
    ['64 KiB and more', text.replace('{"payload"', `{${' '.repeat(65536)}"payload"`)],
  ])('are refused with %s', (_, json) => {
    expect(json).not.toBe(text);
    expect(codeOf(() => parseEnvelope(json))).toBe('envelope.invalid');
  });
});

describe('publish statements', () => {
  it('are in-toto statements of the documented shape', () => {
    expect(JSON.parse(decode(payload))).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'wf.example.com/acme/deploy@1.4.2', digest: { sha256: world.leaf.tar.sha256 } }],
      predicateType: 'urn:sheaf:predicate:publish:v1',
      predicate: {
        registry: 'wf.example.com',
        namespace: 'acme',
        name: 'deploy',
        version: '1.4.2',
        bundle: { format: 'sheaf-tar-v1', size: world.tar.length, files: 4 },
        definition: { path: 'workflow.toml', sha256: world.statement.definition.sha256 },
        source: {
          uri: 'git+https://example.com/acme/deploy',
          commit: '0123456789abcdef0123456789abcdef01234567',
        },
        signedAt: '2025-01-01T00:00:00Z',
      },
    });
  });

  it('survive a round trip, with and without what is optional', () => {
    expect(parsePublishStatement(payload)).toEqual(world.statement);
    const { registry, namespace, name, version, tar, definition } = world.statement;
    const least = { registry, namespace, name, version, tar, definition };
    expect(parsePublishStatement(encodePublishStatement(least))).toEqual(least);
    const local = { ...least, registry: '127.0.0.1:8080' };
    expect(parsePublishStatement(encodePublishStatement(local))).toEqual(local);
  });

  const text = decode(payload);
  it.each([
    ['another type', text.replace('Statement/v1', 'Statement/v0.1')],
    ['another predicate type', text.replace('publish:v1', 'publish:v2')],
    ['no subject', text.replace(/"subject":\[.*?\}\]/, '"subject":[]')],
    ['two subjects', text.replace(/"subject":\[(.*?\})\]/, '"subject":[$1,$1]')],
    ['a subject of another name', text.replace('acme/deploy@1.4.2', 'acme/deploy@1.4.3')],
    ['a second digest', text.replace('"digest":{', '"digest":{"md5":"",')],
    ['no digest', text.replace('"sha256":"', '"sha512":"')],
    ['an unknown member', text.replace('"predicate":{', '"predicate":{"x":1,')],
    ['another format', text.replace('sheaf-tar-v1', 'sheaf-tar-v2')],
    ['a negative size', text.replace(/"size":\d+/, '"size":-1')],
    ['a size that is a string', text.replace(/"size":(\d+)/, '"size":"$1"')],
    ['a registry that is a path', text.replaceAll('wf.example.com', 'wf.example.com/x')],
    ['a namespace in capitals', text.replaceAll('acme', 'Acme')],
    ['a version with build metadata', text.replaceAll('1.4.2', '1.4.2+b')],
    ['a definition elsewhere', text.replace('workflow.toml', '../workflow.toml')],
    ['a commit that is a branch', text.replace(/"commit":"[^"]*"/, '"commit":"main"')],
    ['a date with a control character', text.replace('T00', '\\u001b')],
  ])('are refused with %s', (_, json) => {
    expect(json).not.toBe(text);
    expect(codeOf(() => parsePublishStatement(encodeUtf8(json)))).toBe('statement.invalid');
  });
});
