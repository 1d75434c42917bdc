import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, type KeyId } from '@sheaf/bundle';
import type { PublisherQuestion } from '@sheaf/client';
import { describe, expect, test } from 'vitest';
import { findPaths } from '../src/config/paths.js';
import type { Context } from '../src/frame/context.js';
import type { CliError } from '../src/frame/errors.js';
import { openKeyStore } from '../src/keys/key-store.js';
import { noteRevocations } from '../src/keys/revocations.js';
import { chooseSigningKey } from '../src/keys/signing-key.js';
import { policyFor } from '../src/registry/policy.js';

const HERE = { registry: 'wf.example.com', namespace: 'acme' };
const ELSEWHERE = { registry: 'wf.example.com', namespace: 'tools' };

async function setUp(...names: readonly string[]) {
  const config = mkdtempSync(join(tmpdir(), 'sheaf keys-'));
  const env = { XDG_CONFIG_HOME: config };
  const context = {
    env,
    paths: findPaths(env, () => true),
    ui: { warn: () => undefined },
  } as unknown as Context;
  const store = openKeyStore(context.paths.config(), () => undefined);
  const ids = new Map<string, KeyId>();
  for (const name of names) {
    const key = generateSigningKey();
    ids.set(name, key.publicKey.id);
    await store.create(name, key, undefined);
  }
  const note = (name: string, reason?: string) =>
    noteRevocations(context, HERE, [
      { keyid: ids.get(name) ?? '', revoked: reason === undefined ? undefined : { reason } },
    ]);
  return { context, store, note, ids };
}

describe('a key that was revoked in a namespace', () => {
  test('is not chosen or offered there, and is everywhere else', async () => {
    const { context, store, note } = await setUp('laptop', 'laptop-2027', 'spare');
    await note('laptop', 'superseded');
    const offered = async (places: readonly (typeof HERE)[]) => {
      try {
        return (await chooseSigningKey(context, undefined, places)).label;
      } catch (error) {
        const { code, evidence } = error as CliError;
        return [code, ...evidence];
      }
    };
    expect(await offered([HERE])).toEqual([
      'key.choice_needed',
      'laptop-2027, spare',
      'revoked there: laptop',
    ]);
    expect(await offered([ELSEWHERE])).toEqual(['key.choice_needed', 'laptop, laptop-2027, spare']);
    await note('spare', 'compromised');
    expect(await offered([HERE])).toBe('laptop-2027');
    await note('laptop-2027', 'compromised');
    expect((await offered([ELSEWHERE, HERE]))[0]).toBe('key.none');
    expect((await store.list()).map(({ name }) => name)).toEqual(['laptop', 'laptop-2027', 'spare']);
  });

  test('is marked by a private note, which the log corrects and damage does not break', async () => {
    const { store, note } = await setUp('laptop');
    await note('laptop', 'superseded');
    const path = join(store.dir, 'laptop.revoked');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await store.list())[0]?.revoked).toEqual([{ ...HERE, reason: 'superseded' }]);
    await note('laptop', 'compromised');
    expect((await store.list())[0]?.revoked).toEqual([{ ...HERE, reason: 'compromised' }]);
    for (const text of ['{', '{}', '[1]', '[{"namespace":7}]']) {
      writeFileSync(path, text);
      expect((await store.list())[0]?.revoked).toEqual([]);
    }
    await note('laptop', 'superseded');
    await note('laptop');
    expect(readdirSync(store.dir)).toEqual(['laptop.json']);
  });
});

describe('the question about a publisher', () => {
  test('names each of its keys that is on this machine, and needs none that can be read', async () => {
    const { context, store, ids } = await setUp('laptop', 'spare');
    const ask = async (keys: readonly KeyId[]) => {
      const said: string[] = [];
      const ui = { ...context.ui, canAsk: true, say: (line: string) => void said.push(line) };
      const asking = {
        ...context,
        cwd: store.dir,
        now: () => 0,
        ui: { ...ui, confirm: () => Promise.resolve(false) },
      };
      const { askPublisher } = await policyFor(asking, { yes: false });
      const fact = { addedIndex: 1, addedAtSeconds: 0, recovered: false };
      const signers = keys.map((keyid) => ({ ...fact, keyid }));
      const { registry: origin, namespace } = HERE;
      const question: PublisherQuestion = {
        origin,
        namespace,
        id: 'acme/deploy',
        version: '1.0.0',
        signers,
      };
      await askPublisher?.(question, { signal: new AbortController().signal });
      return said;
    };
    const [laptop, spare, other] = ['laptop', 'spare', 'other'].map(
      (name) => ids.get(name) ?? generateSigningKey().publicKey.id,
    ) as [KeyId, KeyId, KeyId];
    const [, line = '', last = ''] = await ask([laptop]);
    expect(line).toMatch(
      /^ {2}[0-9a-f]{64} {2}added 1970-01-01 at log #1; your own, laptop on this machine$/,
    );
    expect(last).toBe('there is nothing to compare: all later versions must be signed by this key');
    const both = await ask([spare, other]);
    expect(both[1]).toContain('your own, spare');
    expect(both[2]).not.toContain('your own');
    expect(both[3]).toMatch(/^compare with what acme publishes: /);
    writeFileSync(join(store.dir, 'broken.json'), '{');
    expect((await ask([laptop]))[2]).toMatch(/^compare with/);
  });
});
