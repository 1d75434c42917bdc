import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTestLog, testKey } from '../src/testing/test-log.js';
import { failure } from '../src/testing/failure.js';
import { openTrustStore } from '../src/trust-store.js';
import { checkpointOf, registryIdOf } from '../src/pin.js';
import { startChild } from './support/child.js';
import { temporaryFolder } from './support/folder.js';

const ORIGIN = 'wf.example.com';
const URL_A = 'https://wf.example.com';
const LOG_KEY = createTestLog({ origin: `${ORIGIN}/log/public` }).logKey;
const OTHER_KEY = createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(99) }).logKey;
const PIN = { url: URL_A, origin: ORIGIN, logKey: LOG_KEY };

async function pinFile(dir: string): Promise<string> {
  const [folder = ''] = await readdir(dir);
  const [file = ''] = await readdir(join(dir, folder));
  return join(dir, folder, file);
}

describe('pin', () => {
  it('remembers a registry across processes, private to the user', async () => {
    const dir = join(await temporaryFolder(), 'trust');
    const pinned = await (await openTrustStore(dir)).pin(PIN);
    expect(pinned).toMatchObject(PIN);
    expect(checkpointOf(pinned)).toBeNull();
    expect(await (await openTrustStore(dir)).getPin(URL_A)).toEqual(pinned);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    expect((await stat(await pinFile(dir))).mode & 0o777).toBe(0o600);
  });

  it('knows each registry by its own address only', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    await trust.pin(PIN);
    expect(await trust.findPin('https://other.example.com')).toBeUndefined();
    const error = await failure(trust.getPin('https://other.example.com'), 'log.key_unpinned');
    expect(error.hint).toContain('then pin it in the trust store');
    expect(error.remedy).toMatchObject({ kind: 'pin-log-key', url: 'https://other.example.com' });
  });

  it('changes nothing when the same key is pinned again', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    const pinned = await trust.pin(PIN);
    await trust.advance(pinned, 'note');
    expect(await trust.pin(PIN)).toMatchObject({ ...PIN, pinnedAt: pinned.pinnedAt });
    expect(checkpointOf(await trust.getPin(URL_A))).toBe('note');
  });

  it('refuses another key, unless it is replaced on purpose', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    await trust.advance(await trust.pin(PIN), 'note');
    const error = await failure(trust.pin({ ...PIN, logKey: OTHER_KEY }), 'log.key_changed');
    expect(error.hint).toContain(LOG_KEY);
    expect(error.hint).toContain(OTHER_KEY);
    expect((await trust.getPin(URL_A)).logKey).toBe(LOG_KEY);

    await trust.pin({ ...PIN, logKey: OTHER_KEY }, { replace: true });
    expect((await trust.getPin(URL_A)).logKey).toBe(OTHER_KEY);
    expect(checkpointOf(await trust.getPin(URL_A))).toBeNull();
  });

  it('refuses a key that is named for another registry', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    await failure(trust.pin({ ...PIN, origin: 'evil.example.com' }), 'response.invalid');
    const origin = 'x$(touch${IFS}it-ran)';
    const { logKey } = createTestLog({ origin: `${origin}/log/public` });
    const error = await failure(trust.pin({ url: URL_A, origin, logKey }), 'response.invalid');
    expect(error.message).toContain('which is no host');
    expect(await trust.findPin(URL_A)).toBeUndefined();
  });
});

describe('advance', () => {
  it('replaces the checkpoint only of the pin that was seen', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    const first = await trust.pin(PIN);
    expect(await trust.advance(first, 'one')).toBe(true);
    expect(await trust.advance(first, 'two')).toBe(false);
    expect(await trust.advance(await trust.getPin(URL_A), 'two')).toBe(true);
    expect(checkpointOf(await trust.getPin(URL_A))).toBe('two');
  });

  it('succeeds for exactly one of many that saw the same pin', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    let pin = await trust.pin(PIN);
    for (let round = 0; round < 10; round++) {
      const seen = pin;
      const notes = Array.from({ length: 8 }, (_, i) => `${round}-${i}`);
      const won = await Promise.all(notes.map((note) => trust.advance(seen, note)));
      pin = await trust.getPin(URL_A);
      expect(notes.filter((_, i) => won[i])).toEqual([checkpointOf(pin)]);
    }
  });

  it('does not write under a key that was replaced', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    const first = await trust.pin(PIN);
    await trust.pin({ ...PIN, logKey: OTHER_KEY }, { replace: true });
    expect(await trust.advance(first, 'one')).toBe(false);
    expect(checkpointOf(await trust.getPin(URL_A))).toBeNull();
  });

  it('takes back the pin of the key that is named, and nothing of it comes back by itself', async () => {
    const dir = await temporaryFolder();
    const trust = await openTrustStore(dir);
    await failure(trust.unpin(PIN), 'log.key_unpinned');
    const first = await trust.pin(PIN);
    await trust.advance(first, 'one');
    await failure(trust.unpin({ ...PIN, logKey: OTHER_KEY }), 'log.key_changed');
    expect(checkpointOf(await trust.unpin(PIN))).toBe('one');
    // Who goes on with what it has read before finds nothing to advance.
    await failure(trust.advance(first, 'two'), 'log.key_unpinned');
    await failure(trust.unpin(PIN), 'log.key_unpinned');
    const again = await openTrustStore(dir);
    expect([await again.findPin(URL_A), await again.listPins()]).toEqual([undefined, []]);
    expect(await again.forgetRealm(URL_A, 'acme')).toBe(false);
    // Another key is a first one now, and its numbers go on.
    const second = await again.pin({ ...PIN, logKey: OTHER_KEY });
    expect([second.logKey, checkpointOf(second)]).toEqual([OTHER_KEY, null]);
    const [folder = ''] = await readdir(dir);
    expect(await readdir(join(dir, folder))).toEqual(['000000000004.json']);
  });

  it('keeps one file a registry, however often it moves', async () => {
    const dir = await temporaryFolder();
    const trust = await openTrustStore(dir);
    await trust.pin(PIN);
    for (let i = 0; i < 20; i++) await trust.advance(await trust.getPin(URL_A), String(i));
    const [folder = ''] = await readdir(dir);
    expect(await readdir(join(dir, folder))).toEqual(['000000000021.json']);
  });

  it('loses no step when processes race', async () => {
    const dir = await temporaryFolder();
    const trust = await openTrustStore(dir);
    await trust.pin(PIN);
    const children = Array.from({ length: 4 }, () => startChild('./advance-pin.ts', [dir, URL_A, '10']));
    expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0, 0, 0]);
    const numbers = children.flatMap((child) => child.lines.map(Number));
    // None was stored twice. One that another process went on from at once counts for nobody: its own is told to look again.
    expect(new Set(numbers).size).toBe(40);
    expect(checkpointOf(await trust.getPin(URL_A))).toBe(String(Math.max(...numbers)));
  }, 60_000);

  it('goes on after a process was killed in the middle of it', async () => {
    const dir = await temporaryFolder();
    const trust = await openTrustStore(dir);
    await trust.pin(PIN);
    const children = Array.from({ length: 3 }, () => startChild('./advance-pin.ts', [dir, URL_A, '1000000']));
    for (const child of children) {
      while (child.lines.length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const child of children) child.kill();
    await Promise.all(children.map((child) => child.ended));

    const told = children.flatMap((child) => child.lines.map(Number));
    expect(new Set(told).size).toBe(told.length);
    const pin = await trust.getPin(URL_A);
    const stored = Number(checkpointOf(pin));
    // Each killed process may have stored one number more than it could tell.
    expect(stored).toBeGreaterThanOrEqual(told.length);
    expect(stored).toBeLessThanOrEqual(told.length + children.length);
    expect(await trust.advance(pin, 'next')).toBe(true);
  }, 60_000);
});

describe('damage', () => {
  it.each(['', '{"v":1}', 'x'.repeat(200_000)])(
    'is never taken for a registry that was not pinned',
    async (content) => {
      const dir = await temporaryFolder();
      const trust = await openTrustStore(dir);
      await trust.pin(PIN);
      await writeFile(await pinFile(dir), content);
      await failure(trust.getPin(URL_A), 'trust.unusable');
      await failure(trust.pin({ ...PIN, logKey: OTHER_KEY }), 'trust.unusable');
    },
  );

  it('does not read through a link, nor the pin of another registry', async () => {
    const dir = await temporaryFolder();
    const trust = await openTrustStore(dir);
    await trust.pin(PIN);
    const content = await readFile(await pinFile(dir), 'utf8');
    await writeFile(await pinFile(dir), content.replace(URL_A, 'https://evil.example.com'));
    await failure(trust.getPin(URL_A), 'trust.unusable');

    const elsewhere = join(await temporaryFolder(), 'pin.json');
    await writeFile(elsewhere, content);
    const [folder = ''] = await readdir(dir);
    await symlink(elsewhere, join(dir, folder, '000000000009.json'));
    await failure(trust.getPin(URL_A), 'trust.unusable');
  });

  it('says so when the folder cannot be made', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'file'), '');
    await failure(openTrustStore(join(dir, 'file', 'trust')), 'trust.unusable');
    await mkdir(join(dir, 'fine'));
  });
});

describe('a pin', () => {
  it('of the first format is read, and written in the second', async () => {
    const dir = await temporaryFolder();
    const trust = await openTrustStore(dir);
    await trust.pin(PIN);
    const pinnedAt = '2026-03-01T00:00:00.000Z';
    await writeFile(await pinFile(dir), JSON.stringify({ v: 1, ...PIN, pinnedAt, checkpoint: 'old note' }));
    const pin = await trust.getPin(URL_A);
    expect(checkpointOf(pin)).toBe('old note');
    expect(await trust.advance(pin, 'new note')).toBe(true);
    expect(JSON.parse(await readFile(await pinFile(dir), 'utf8'))).toMatchObject({
      v: 2,
      pinnedAt,
      realms: [{ realm: 'public', checkpoint: 'new note' }],
    });
  });

  it('keeps each log, and the log of each namespace, for itself', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    await trust.advance(await trust.pin(PIN), 'public note');
    const seen = await trust.getPin(URL_A);
    expect(await trust.advance(seen, 'private note', { realm: 'acme' })).toBe(true);
    expect(await trust.noteRealm(seen, 'acme', 'acme')).toBe(true);
    const pin = await trust.getPin(URL_A);
    expect([checkpointOf(pin), checkpointOf(pin, 'acme')]).toEqual(['public note', 'private note']);
    expect([...pin.namespaces]).toEqual([['acme', 'acme']]);
    expect(await trust.noteRealm(pin, 'acme', 'public')).toBe(false);
    expect(await trust.forgetRealm(URL_A, 'acme')).toBe(true);
    expect(await trust.forgetRealm(URL_A, 'acme')).toBe(false);
    expect(await trust.noteRealm(pin, 'acme', 'public')).toBe(true);
    const later = await trust.getPin(URL_A);
    expect([checkpointOf(later), checkpointOf(later, 'acme')]).toEqual(['public note', 'private note']);
  });

  it('notes when its log was asked, at most once a minute', async () => {
    let nowMs = Date.parse('2027-01-01T00:00:00Z');
    const dir = await temporaryFolder();
    const trust = await openTrustStore(dir, () => nowMs);
    await trust.advance(await trust.pin(PIN), 'note');
    const checkedAt = async () => (await trust.getPin(URL_A)).realms.get('public')?.checkedAt;
    nowMs += 59_000;
    expect(await trust.advance(await trust.getPin(URL_A), 'note')).toBe(true);
    expect(await checkedAt()).toBe('2027-01-01T00:00:00.000Z');
    nowMs += 1_000;
    await trust.advance(await trust.getPin(URL_A), 'note');
    expect(await checkedAt()).toBe('2027-01-01T00:01:00.000Z');
  });

  it('is found by origin at any of its addresses, and not under two keys', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    await trust.pin(PIN);
    expect((await trust.findPinByOrigin(ORIGIN))?.url).toBe(URL_A);
    const twin = { ...PIN, url: 'https://mirror.example.com', logKey: OTHER_KEY };
    const error = await failure(trust.pin(twin), 'log.origin_taken');
    expect(error.hint).toContain(LOG_KEY);
    expect(error.hint).toContain(OTHER_KEY);
    expect(await trust.findPin(twin.url)).toBeUndefined();
    const again = 'https://again.example.com';
    await trust.pin({ ...PIN, url: again });
    expect((await trust.findPinByOrigin(ORIGIN, { url: again }))?.url).toBe(again);
    expect((await trust.findPinByOrigin(ORIGIN))?.logKey).toBe(LOG_KEY);
    await trust.pin(twin, { shareOrigin: true });
    expect((await trust.listPins()).map(({ url }) => url)).toEqual([again, twin.url, URL_A]);
    await failure(trust.findPinByOrigin(ORIGIN), 'log.origin_taken');
    expect((await trust.findPinByOrigin(ORIGIN, { url: twin.url }))?.logKey).toBe(OTHER_KEY);
  });
});

describe('an acceptance', () => {
  const REGISTRY = 'a'.repeat(64);
  const accepted = {
    registry: REGISTRY,
    origin: ORIGIN,
    namespace: 'constructor',
    keys: [testKey(1).publicKey.id],
    threshold: 1,
    acceptedAt: '2026-03-01T00:00:00.000Z',
    how: 'asked',
  } as const;

  it('is kept once, replaced on purpose only, and forgotten', async () => {
    const dir = await temporaryFolder();
    const trust = await openTrustStore(dir);
    expect(await trust.findAccepted(REGISTRY, 'constructor')).toBeUndefined();
    expect(await trust.accept(accepted)).toBe(true);
    const other = { ...accepted, keys: [testKey(2).publicKey.id] };
    expect(await trust.accept(other)).toBe(false);
    expect(await (await openTrustStore(dir)).findAccepted(REGISTRY, 'constructor')).toEqual(accepted);
    expect(await trust.accept(other, { replace: true })).toBe(true);
    expect(await trust.listAccepted()).toEqual([other]);
    expect(await trust.forget(REGISTRY, 'constructor')).toBe(true);
    expect(await trust.forget(REGISTRY, 'constructor')).toBe(false);
    expect(await trust.listAccepted()).toEqual([]);
  });

  it('at one address of a registry counts at the others, under the same log key only', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    const [here, there] = [
      await trust.pin(PIN),
      await trust.pin({ ...PIN, url: 'https://again.example.com' }),
    ];
    const mine = { ...accepted, registry: registryIdOf(here) };
    await trust.accept(mine);
    expect(await trust.findAccepted(registryIdOf(there), 'constructor')).toEqual(mine);
    const theirs = { ...mine, registry: registryIdOf(there), keys: [testKey(2).publicKey.id] };
    expect(await trust.accept(theirs)).toBe(true);
    expect(await trust.findAccepted(registryIdOf(there), 'constructor')).toEqual(theirs);
    expect(await trust.findAccepted(registryIdOf(here), 'constructor')).toEqual(mine);
    const other = await trust.pin(
      { url: 'https://evil.example.com', origin: ORIGIN, logKey: OTHER_KEY },
      { shareOrigin: true },
    );
    expect(await trust.findAccepted(registryIdOf(other), 'constructor')).toBeUndefined();
  });

  it('is made by exactly one of many that race for it', async () => {
    const trust = await openTrustStore(await temporaryFolder());
    const tries = Array.from({ length: 8 }, (_, i) =>
      trust.accept({ ...accepted, keys: [testKey(i + 1).publicKey.id] }),
    );
    expect((await Promise.all(tries)).filter((won) => won)).toHaveLength(1);
  });

  it('is never taken for none when it is damaged or a link', async () => {
    const dir = await temporaryFolder();
    const trust = await openTrustStore(dir);
    await trust.accept(accepted);
    const path = join(dir, 'publishers', REGISTRY, 'constructor.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await writeFile(path, '{}');
    await failure(trust.findAccepted(REGISTRY, 'constructor'), 'trust.unusable');
    const elsewhere = join(await temporaryFolder(), 'accepted.json');
    await writeFile(elsewhere, JSON.stringify({ v: 1, ...accepted }));
    await trust.forget(REGISTRY, 'constructor');
    await symlink(elsewhere, path);
    await failure(trust.findAccepted(REGISTRY, 'constructor'), 'trust.unusable');
  });
});
