import { describe, expect, it } from 'vitest';
import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/bytes.js';
import { spkiOf } from '../keys/public-key.js';
import { codeOf } from '../testing/codes.js';
import { PUBLISHER } from '../testing/world.js';
import { encodeKeyEvent, type KeyEvent, parseKeyEvent } from './key-event.js';

const named = { registry: 'wf.example.com', namespace: 'acme' } as const;
const publicKey = encodeBase64(spkiOf(PUBLISHER.publicKey));
const keyid = PUBLISHER.publicKey.id;
const add: KeyEvent = { type: 'key.add', ...named, publicKey };
const revoke: KeyEvent = { type: 'key.revoke', ...named, keyid, reason: 'compromised', fromIndex: 4 };
const policy: KeyEvent = { type: 'ns.policy', ...named, threshold: 2, replaces: 9 };
const textOf = (event: KeyEvent) => new TextDecoder().decode(encodeKeyEvent(event));

describe('key events', () => {
  it.each<KeyEvent>([
    add,
    { ...add, recovery: true },
    revoke,
    { ...revoke, recovery: true },
    { type: 'key.revoke', ...named, keyid, reason: 'superseded' },
    policy,
    { type: 'ns.policy', ...named, threshold: 15 },
  ])('survive a round trip: %o', (event) => {
    expect(parseKeyEvent(encodeKeyEvent(event))).toEqual(event);
  });

  it('are canonical, so that a stranger writes the same bytes', () => {
    expect(textOf({ ...revoke, recovery: true })).toBe(
      `{"fromIndex":4,"keyid":"${keyid}","namespace":"acme","reason":"compromised","recovery":true,"registry":"wf.example.com","type":"key.revoke"}`,
    );
  });

  const weak = encodeBase64(
    Uint8Array.from([...(findBase64(publicKey)?.subarray(0, 12) ?? []), ...new Uint8Array(32)]),
  );
  it.each([
    ['another type', textOf(add).replace('key.add', 'key.ephemeral')],
    ['the members of another type', textOf(add).replace('key.add', 'key.revoke')],
    ['an unknown member', textOf(add).replace('{', '{"x":1,')],
    ['a bad namespace', textOf(add).replace('acme', '-')],
    ['a registry that is a path', textOf(revoke).replace('wf.example.com', 'wf.example.com/x')],
    ['no registry', textOf(policy).replace('"registry":"wf.example.com",', '')],
    ['a recovery that is false', textOf({ ...add, recovery: true }).replace('true', 'false')],
    ['a key id that is none', textOf(revoke).replace(keyid, keyid.slice(1))],
    ['another reason', textOf(revoke).replace('compromised', 'lost')],
    ['a compromise from nowhere', textOf(revoke).replace('"fromIndex":4,', '')],
    ['a supersession from somewhere', textOf(revoke).replace('compromised', 'superseded')],
    ['a threshold of nobody', textOf(policy).replace('"threshold":2', '"threshold":0')],
    ['a threshold of more than 15', textOf(policy).replace('"threshold":2', '"threshold":16')],
    ['a policy by recovery', textOf(policy).replace('{', '{"recovery":true,')],
    ['more than 4 KiB', `${textOf(policy)}${' '.repeat(4096)}`],
  ])('are refused with %s', (_, json) => {
    expect([add, revoke, policy].map(textOf)).not.toContain(json);
    expect(codeOf(() => parseKeyEvent(encodeUtf8(json)))).toBe('key.event_invalid');
  });

  it('are refused with a key that is none or weak', () => {
    const withKey = (key: string) => encodeUtf8(textOf(add).replace(publicKey, key));
    expect(codeOf(() => parseKeyEvent(withKey('')))).toBe('key.invalid');
    expect(codeOf(() => parseKeyEvent(withKey(weak)))).toBe('key.weak');
  });

  it('cannot be encoded when nobody would read them', () => {
    expect(codeOf(() => encodeKeyEvent({ ...policy, threshold: 0 }))).toBe('key.event_invalid');
    expect(codeOf(() => encodeKeyEvent({ ...revoke, reason: 'superseded' }))).toBe('key.event_invalid');
  });
});
