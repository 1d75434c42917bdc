import { describe, expect, it } from 'vitest';
import type { VersionState, WorkflowDocument } from './contract/index.js';
import { parseReference } from './reference.js';
import { resolveVersion } from './resolve.js';
import { thrown } from './testing/failure.js';

const digestAt = (index: number) => `sha256:${String(index).padStart(64, '0')}`;

function documentWith(
  versions: Readonly<Record<string, VersionState>>,
  channels: Record<string, string> = {},
): WorkflowDocument {
  return {
    id: 'acme/deploy',
    tags: [],
    channels,
    permissions: { network: [], exec: [], read: [], write: [], secrets: [] },
    versions: Object.entries(versions).map(([version, state], index) => ({
      version,
      digest: digestAt(index),
      sizeBytes: 1,
      blobSizeBytes: 1,
      state,
      ...(state === 'active' ? {} : { reason: `${state} because` }),
      publishedAt: '2026-01-01T00:00:00Z',
      publishedVia: 'token',
      logIndex: index,
      signers: [],
    })),
  };
}

const DOCUMENT = documentWith(
  {
    '1.0.0': 'active',
    '1.10.0': 'active',
    '1.2.0': 'deprecated',
    '1.11.0': 'yanked',
    '2.0.0-rc.1': 'active',
    '1.12.0': 'quarantined',
  },
  { beta: '2.0.0-rc.1', broken: '7.0.0', bad: '1.11.0' },
);

const resolve = (text: string, document = DOCUMENT) =>
  resolveVersion(document, parseReference(`acme/deploy${text}`));

describe('resolveVersion', () => {
  it('picks the highest stable version that is offered, by SemVer and not by text', () => {
    expect(resolve('').version).toBe('1.10.0');
    expect(resolve('@^1').version).toBe('1.10.0');
    expect(resolve('@*').version).toBe('1.10.0');
    expect(resolve('@<1.2.0').version).toBe('1.0.0');
  });

  it('picks a prerelease only when it is asked for', () => {
    expect(resolve('@>=2.0.0-rc.0').version).toBe('2.0.0-rc.1');
    expect(resolve('@2.0.0-rc.1').version).toBe('2.0.0-rc.1');
    expect(resolve('@beta').version).toBe('2.0.0-rc.1');
  });

  it('lets the registry move "latest" by hand', () => {
    expect(
      resolve('', documentWith({ '1.0.0': 'active', '2.0.0': 'active' }, { latest: '1.0.0' })).version,
    ).toBe('1.0.0');
  });

  it('picks a deprecated version of a range and says that it is', () => {
    expect(resolve('@~1.2')).toMatchObject({
      version: '1.2.0',
      state: 'deprecated',
      summary: { reason: 'deprecated because' },
    });
  });

  it('picks a yanked version only by its exact number or digest, and says that it is', async () => {
    expect(resolve('@1.11.0')).toMatchObject({ version: '1.11.0', state: 'yanked' });
    expect(resolve(`@${digestAt(3)}`)).toMatchObject({ version: '1.11.0', state: 'yanked' });
    await thrown(() => resolve('@~1.11'), 'version.unresolved');
    await thrown(() => resolve('@bad'), 'version.unresolved');
  });

  it('never picks a quarantined version, and names one that is good', async () => {
    const error = await thrown(() => resolve('@1.12.0'), 'state.quarantined');
    expect(error.message).toBe('acme/deploy 1.12.0 is quarantined: quarantined because');
    expect(error.hint).toBe('ask for @1.10.0');
    await thrown(() => resolve(`@${digestAt(5)}`), 'state.quarantined');
    await thrown(() => resolve('@~1.12'), 'version.unresolved');
  });

  it('lists the newest five when nothing fits', async () => {
    const error = await thrown(() => resolve('@^9'), 'version.unresolved');
    expect(error.message).toBe(
      'no version of acme/deploy fits ^9; its newest are 2.0.0-rc.1, 1.12.0 (quarantined), 1.11.0 (yanked), 1.10.0, 1.2.0 (deprecated)',
    );
  });

  it('lists the channels when there is no such channel', async () => {
    const error = await thrown(() => resolve('@stable'), 'version.unresolved');
    expect(error.hint).toBe('its channels are beta, broken, bad');
    await thrown(() => resolve('@broken'), 'version.unresolved');
  });

  it('says so when there are prereleases only', async () => {
    const document = documentWith({ '0.1.0-alpha': 'active', '0.1.0-beta': 'active' });
    const error = await thrown(() => resolve('', document), 'version.unresolved');
    expect(error.hint).toBe('it has prereleases only: ask for one by its version, as @0.1.0-beta');
  });

  it.each(['constructor', 'toString', 'valueOf'])(
    'does not find the channel %s in an object that has none',
    async (name) => {
      await thrown(() => resolve(`@${name.toLowerCase()}`), 'version.unresolved');
    },
  );

  it('refuses an answer for another workflow or with a version that is none', async () => {
    await thrown(() => resolve('', { ...DOCUMENT, id: 'evil/deploy' }), 'response.invalid');
    await thrown(() => resolve('', documentWith({ '1.0': 'active' })), 'response.invalid');
  });
});

describe('a version that the revocation of a key refuses', () => {
  const keyid = 'ab'.repeat(32);
  const document = documentWith(
    { '1.2.0': 'active', '1.1.0': 'active', '1.0.0': 'yanked' },
    { latest: '1.2.0', beta: '1.2.0' },
  );
  const revokedAt = (...refused: readonly string[]): WorkflowDocument => ({
    ...document,
    versions: document.versions.map((summary) =>
      refused.includes(summary.version)
        ? { ...summary, revoked: { logIndex: 9, keyid, reason: 'compromised' } }
        : summary,
    ),
  });

  it('is never picked for a range, a channel or "latest", whatever the registry says of its state', async () => {
    for (const text of ['', '@^1', '@*']) expect(resolve(text, revokedAt('1.2.0')).version).toBe('1.1.0');
    await thrown(() => resolve('@beta', revokedAt('1.2.0')), 'version.unresolved');
    const error = await thrown(() => resolve('', revokedAt('1.2.0', '1.1.0')), 'version.unresolved');
    expect(error.message).toContain(
      'its newest are 1.2.0 (revoked), 1.1.0 (revoked), 1.0.0 (yanked: yanked because)',
    );
  });

  it('is refused by its exact number and digest, and one that is good is named', async () => {
    for (const text of ['@1.2.0', `@${digestAt(0)}`]) {
      const error = await thrown(() => resolve(text, revokedAt('1.2.0')), 'key.revoked');
      expect(error.message).toBe(
        'acme/deploy 1.2.0 is signed by key abababababababab, which was revoked as compromised at log index 9',
      );
      expect(error.hint).toBe('ask for @1.1.0');
    }
    await thrown(() => resolve('@1.0.0', revokedAt('1.0.0')), 'key.revoked');
  });
});

describe('an age limit', () => {
  const DAY_MS = 86_400_000;

  it('lets a range and "latest" mean the newest version that is old enough, and names the one held back', () => {
    const published = Date.parse(
      documentWith({ '2.0.0': 'active', '1.0.0': 'active' }).versions[0]?.publishedAt ?? '',
    );
    const document = documentWith({ '2.0.0': 'active', '1.0.0': 'active' });
    const old = {
      ...document.versions[1],
      publishedAt: '2020-01-01T00:00:00Z',
    } as (typeof document.versions)[number];
    const aged = { ...document, versions: [...document.versions.slice(0, 1), old] };
    const limit = { minReleaseAgeMs: DAY_MS, nowMs: published + DAY_MS - 1 };
    for (const text of ['acme/deploy', 'acme/deploy@>=1']) {
      const picked = resolveVersion(aged, parseReference(text), limit);
      expect(picked.version).toBe('1.0.0');
      expect(picked.held).toEqual({ version: '2.0.0', untilMs: published + DAY_MS, minReleaseAgeMs: DAY_MS });
    }
    expect(resolveVersion(aged, parseReference('acme/deploy@2.0.0'), limit)).toMatchObject({
      version: '2.0.0',
    });
    expect(
      resolveVersion(aged, parseReference('acme/deploy'), { ...limit, nowMs: limit.nowMs + 1 }).held,
    ).toBe(undefined);
    const exempt = { ...limit, isExempt: () => true };
    expect(resolveVersion(aged, parseReference('acme/deploy'), exempt).version).toBe('2.0.0');
  });

  it('says until when the only version that fits is held', async () => {
    const document = documentWith({ '2.0.0': 'active' });
    const nowMs = Date.parse(document.versions[0]?.publishedAt ?? '');
    await thrown(
      () => resolveVersion(document, parseReference('acme/deploy'), { minReleaseAgeMs: DAY_MS, nowMs }),
      'release.too_young',
    );
  });
});
