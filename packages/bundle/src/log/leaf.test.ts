import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/bytes.js';
import { spkiOf } from '../keys/public-key.js';
import { codeOf } from '../testing/codes.js';
import { createWorld, PUBLISHER, RELEASE, STRANGER } from '../testing/world.js';
import { encodeLeaf, type Leaf, parseLeaf, parseLeafBase } from './leaf.js';

const world = await createWorld();
const base = { v: 1, seq: 3, prev: 'a'.repeat(64), ns: RELEASE.namespace, t: 1_700_000_000 } as const;
const release = { name: RELEASE.name, version: RELEASE.version };
const signed = { by: [PUBLISHER.publicKey.id], event: 'e'.repeat(64) };
const revoke = new TextDecoder().decode(
  encodeLeaf({
    ...base,
    type: 'key.revoke',
    keyid: PUBLISHER.publicKey.id,
    reason: 'compromised',
    fromIndex: 2,
    ...signed,
  }),
);
const policy = new TextDecoder().decode(
  encodeLeaf({ ...base, type: 'ns.policy', threshold: 2, replaces: 7, ...signed }),
);
const ephemeral: Leaf = {
  ...base,
  type: 'key.ephemeral',
  name: RELEASE.name,
  keyid: STRANGER.publicKey.id,
  key: encodeBase64(spkiOf(STRANGER.publicKey)),
  exp: base.t + 1200,
  issuer: 'https://token.actions.example.com',
  identity: { repository_id: '1296269', repository_owner_id: '1' },
  claims: { repository: 'acme/deploy', ref: 'refs/tags/v1.4.2', constructor: 'größer' },
};
const ephemeralText = new TextDecoder().decode(encodeLeaf(ephemeral));
const channel = new TextDecoder().decode(
  encodeLeaf({ ...base, type: 'channel.set', ...release, channel: 'beta-2' }),
);
const publish = new TextDecoder().decode(encodeLeaf(world.leaf));
const keyAdd = new TextDecoder().decode(world.leaves[1]);

describe('leaves', () => {
  it.each<Leaf>([
    { ...base, seq: 0, prev: '', type: 'ns.create' },
    world.leaf,
    {
      ...base,
      type: 'deprecate',
      ...release,
      reason: 'use 2.0 – it is größer',
      replacement: 'acme/deploy@2.0.0',
    },
    { ...base, type: 'deprecate', ...release, reason: 'no longer kept' },
    { ...base, type: 'undeprecate', ...release },
    { ...base, type: 'yank', ...release, reason: 'broken' },
    { ...base, type: 'unyank', ...release },
    { ...base, type: 'unyank', ...release, reason: 'the tag is there again' },
    { ...base, type: 'undeprecate', ...release, reason: 'kept after all' },
    { ...base, type: 'unquarantine', ...release, reason: 'a false alarm' },
    { ...base, type: 'quarantine', ...release, reason: 'malware', replacement: 'acme/deploy@1.4.3' },
    { ...base, type: 'unquarantine', ...release },
    { ...base, type: 'key.revoke', keyid: PUBLISHER.publicKey.id, reason: 'superseded', ...signed },
    {
      ...base,
      type: 'key.revoke',
      keyid: PUBLISHER.publicKey.id,
      reason: 'compromised',
      fromIndex: 0,
      ...signed,
      recovery: true,
    },
    { ...base, type: 'ns.policy', threshold: 15, ...signed },
    { ...base, type: 'ns.policy', threshold: 1, replaces: 0, ...signed },
    { ...base, type: 'ns.transfer' },
    { ...base, type: 'channel.set', ...release, channel: 'latest' },
    { ...base, type: 'channel.remove', name: RELEASE.name, channel: 'b' },
    ephemeral,
    {
      ...base,
      type: 'key.ephemeral',
      keyid: ephemeral.keyid,
      key: ephemeral.key,
      exp: 0,
      issuer: 'http://127.0.0.1:4000',
      identity: { sub: 'project:1' },
    },
  ])('of type $type survive a round trip', (leaf) => {
    expect(parseLeaf(encodeLeaf(leaf))).toEqual(leaf);
  });

  it('are canonical: the same event has no second encoding', () => {
    for (const other of [
      ` ${publish}`,
      publish.replace('"v":1', '"v": 1'),
      publish.replace('"acme"', '"\\u0061cme"'),
    ]) {
      expect(codeOf(() => parseLeaf(encodeUtf8(other)))).toBe('leaf.invalid');
    }
    const members = Object.entries(JSON.parse(publish) as object).reverse();
    expect(codeOf(() => parseLeaf(encodeUtf8(JSON.stringify(Object.fromEntries(members)))))).toBe(
      'leaf.invalid',
    );
  });

  it.each([
    ['another format', publish.replace('"v":1', '"v":2')],
    ['an unknown member', publish.replace('"v":1', '"v":1,"w":1')],
    ['a missing member', publish.replace(/"version":"[^"]*"/, '"w":1')],
    ['a prev that is no hash', publish.replace(/"prev":"[^"]*"/, '"prev":"abc"')],
    ['no prev though it is not the first', publish.replace(/"prev":"[^"]*"/, '"prev":""')],
    ['a prev though it is the first', publish.replace('"seq":2', '"seq":0')],
    ['a fractional time', publish.replace(/"t":\d+/, '"t":1.5')],
    ['another compression', publish.replace('gzip', 'zstd')],
    ['fewer authorities than keys', publish.replace('"auth":[1]', '"auth":[]')],
    ['no keys', publish.replace(/"keyids":\[[^\]]*\]/, '"keyids":[]').replace('"auth":[1]', '"auth":[]')],
    [
      'one key twice',
      publish.replace(/"keyids":\[([^\]]*)\]/, '"keyids":[$1,$1]').replace('"auth":[1]', '"auth":[1,1]'),
    ],
    ['a bad namespace', publish.replace('"acme"', '"__proto__"')],
    ['a recovery that is false', keyAdd.replace('"recovery":true', '"recovery":false')],
    ['a key id of another key', keyAdd.replace(/"keyid":"[^"]*"/, `"keyid":"${'0'.repeat(64)}"`)],
    ['a compromise from nowhere', revoke.replace('"fromIndex":2,', '')],
    ['a supersession from somewhere', revoke.replace('compromised', 'superseded')],
    ['another reason to revoke', revoke.replace('compromised', 'lost')],
    ['a revocation that nobody signed', revoke.replace(/"by":\[[^\]]*\]/, '"by":[]')],
    ['a threshold of nobody', policy.replace('"threshold":2', '"threshold":0')],
    ['a threshold of more than 15', policy.replace('"threshold":2', '"threshold":16')],
    ['a policy that replaces what is no index', policy.replace('"replaces":7', '"replaces":-7')],
    ['a policy without its event', policy.replace(/"event":"[^"]*",/, '')],
    ['an ephemeral key that nobody is', ephemeralText.replace(/"identity":\{[^}]*\}/, '"identity":{}')],
    ['an identity that is a list', ephemeralText.replace(/"identity":\{[^}]*\}/, '"identity":[]')],
    [
      'more than 8 claims',
      ephemeralText.replace(
        /"claims":\{[^}]*\}/,
        `"claims":{${Array.from('abcdefghi')
          .map((name) => `"${name}":"1"`)
          .join(',')}}`,
      ),
    ],
    ['a claim that is no text', ephemeralText.replace('"1296269"', '1296269')],
    ['a claim that is empty', ephemeralText.replace('"1296269"', '""')],
    ['a claim that is too long', ephemeralText.replace('1296269', '1'.repeat(257))],
    ['a claim in reversed text', ephemeralText.replace('1296269', '1\u202e2')],
    ['a claim of another name', ephemeralText.replace('"repository_id"', '"__proto__"')],
    ['an issuer that is no url', ephemeralText.replace('https://token', 'ftp://token')],
    ['an issuer with a space', ephemeralText.replace('https://token', 'https://to ken')],
    ['an ephemeral key without an end', ephemeralText.replace(/"exp":\d+,/, '')],
    ['an ephemeral key of another id', ephemeralText.replace(STRANGER.publicKey.id, PUBLISHER.publicKey.id)],
    ['an ephemeral key of no workflow', ephemeralText.replace('"name":"deploy"', '"name":""')],
    ['a channel that looks like a version', channel.replace('beta-2', '1.x')],
    ['a channel that ends in a dash', channel.replace('beta-2', 'beta-')],
    ['more than 4 KiB', publish.replace('"v":1', `"v":1,"w":"${'a'.repeat(4096)}"`)],
    ['no JSON', 'leaf'],
  ])('are refused with %s', (_, json) => {
    expect([publish, keyAdd, revoke, policy, ephemeralText, channel]).not.toContain(json);
    expect(codeOf(() => parseLeaf(encodeUtf8(json)))).toBe('leaf.invalid');
  });

  it('of a type that is not known are told apart from malformed ones', () => {
    for (const type of ['publish2', 'key.borrowed', 'ns.rename', '__proto__', 'toString', '']) {
      const other = encodeUtf8(publish.replace('"type":"publish"', `"type":"${type}"`));
      expect(
        codeOf(() => parseLeaf(other)),
        type,
      ).toBe('leaf.type_unknown');
    }
  });

  it('of any type tell their place in their chain', () => {
    const later = encodeUtf8(publish.replace('"type":"publish"', '"type":"ns.rename"'));
    const { v, seq, prev, ns, t } = world.leaf;
    expect(parseLeafBase(later)).toEqual({ v, seq, prev, ns, t, type: 'ns.rename' });
    expect(codeOf(() => parseLeafBase(encodeUtf8(publish.replace('"v":1', '"v":2'))))).toBe('leaf.invalid');
    const escaped = encodeUtf8(publish.replace('"type":"publish"', '"type":"\u202e"'));
    expect(codeOf(() => parseLeafBase(escaped))).toBe('leaf.invalid');
  });

  it.each([
    ['empty', ''],
    ['too long', 'a'.repeat(501)],
    ['with an escape sequence', 'a\u001b[31m'],
    ['with a line break', 'a\nb'],
    ['with reversed text', 'a\u202eb'],
    ['with a zero-width space', 'a\u200bb'],
  ])('cannot carry a reason that is %s', (_, reason) => {
    for (const type of ['yank', 'unyank'] as const)
      expect(codeOf(() => encodeLeaf({ ...base, type, ...release, reason }))).toBe('leaf.invalid');
  });
});
