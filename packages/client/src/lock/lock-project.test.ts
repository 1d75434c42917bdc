import { parseWorkflowId, type Version } from '@sheaf/workflow';
import semver from 'semver';
import { describe, expect, it } from 'vitest';
import { parseReference } from '../reference.js';
import { ClientError } from '../errors.js';
import { failure } from '../testing/failure.js';
import { createTestRegistry, ORIGIN, type Published } from '../testing/test-registry.js';
import { openPolicy } from '../testing/test-policy.js';
import { verifyWorkflow } from '../verify.js';
import { formatLockfile } from './format.js';
import { lockProject, type LockDeps } from './lock-project.js';
import { EMPTY_LOCKFILE, type Lockfile } from './lockfile.js';
import { pruneLockfile } from './prune.js';
import { findDifferences, type WantedByName } from './staleness.js';
import { allows } from './wanted.js';

type Dependencies = Readonly<Record<string, string>>;

/** A registry of these releases, as something to lock from; `asked` counts. */
async function world(releases: readonly (readonly [id: string, version: string, needs?: Dependencies])[]) {
  const registry = createTestRegistry();
  const published: Published[] = [];
  const add = async (id: string, version: string, dependencies: Dependencies = {}) => {
    published.push(await registry.publish(id, version, { dependencies }));
  };
  for (const release of releases) await add(...release);
  const asked: string[] = [];
  const deps: LockDeps = {
    fetch: async (wanted, kept) => {
      const found = published
        .filter(({ id, version, packed }) => {
          const entry = { version, tar: packed.bundle.digest };
          return (
            id === wanted.id &&
            (kept === undefined || kept.tar === entry.tar) &&
            allows(wanted.selector, entry)
          );
        })
        .sort((a, b) => semver.rcompare(a.version, b.version))[0];
      if (found === undefined) throw new Error(`nothing fits ${wanted.id}`);
      asked.push(`${found.id}@${found.version}${kept === undefined ? '' : ' kept'}`);
      const { id, version, receipt, packed } = found;
      const pin = registry.pin();
      const workflow = await verifyWorkflow({
        receipt,
        standings: [],
        expected: { id, version },
        pin,
        blob: () => Promise.resolve(packed.blob),
        ...openPolicy(),
      });
      return { workflow, pin };
    },
  };
  return { add, deps, asked };
}

function wants(...references: readonly string[]): readonly WantedByName[] {
  return references.map((text) => {
    const { id, selector } = parseReference(text);
    return { name: id.split('/')[1] ?? '', id, registry: ORIGIN, selector };
  });
}

function summary(lock: Lockfile): readonly string[] {
  return lock.workflows.map(
    ({ id, version, dependencies }) =>
      `${id}@${version} [${dependencies.map((needed) => `${needed.id}@${needed.version}`).join(' ')}]`,
  );
}

const lock = (
  deps: LockDeps,
  wanted: readonly WantedByName[],
  previous: Lockfile = EMPTY_LOCKFILE,
  update: readonly string[] = [],
) => lockProject({ wanted, previous, update: new Set(update) }, deps);

describe('locking a project', () => {
  it('takes the highest version of each range, transitively', async () => {
    const { deps } = await world([
      ['acme/notify', '1.0.0'],
      ['acme/notify', '1.2.0', { 'acme/chat': '>=2.0.0' }],
      ['acme/notify', '2.0.0'],
      ['acme/chat', '2.1.0'],
      ['acme/deploy', '1.4.2', { 'acme/notify': '^1' }],
    ]);
    const made = await lock(deps, wants('acme/deploy@^1'));
    expect(summary(made.lock)).toEqual([
      'acme/chat@2.1.0 []',
      'acme/deploy@1.4.2 [acme/notify@1.2.0]',
      'acme/notify@1.2.0 [acme/chat@2.1.0]',
    ]);
    expect(made.changes.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'added acme/chat',
      'added acme/deploy',
      'added acme/notify',
    ]);
    expect(findDifferences(made.lock, wants('acme/deploy@^1'))).toEqual([]);
  });

  it('keeps what is locked while it fits, and moves what is named', async () => {
    const { deps, add, asked } = await world([
      ['acme/deploy', '1.0.0'],
      ['acme/notify', '1.0.0'],
    ]);
    const wanted = wants('acme/deploy@^1', 'acme/notify@^1');
    const first = await lock(deps, wanted);
    await add('acme/deploy', '1.1.0');
    await add('acme/notify', '1.1.0');
    const again = await lock(deps, wanted, first.lock);
    expect(formatLockfile(again.lock)).toBe(formatLockfile(first.lock));
    expect(again.changes).toEqual([]);
    asked.length = 0;
    const moved = await lock(deps, wanted, first.lock, ['deploy']);
    expect(asked).toEqual(['acme/deploy@1.1.0', 'acme/notify@1.0.0 kept']);
    expect(moved.changes).toEqual([
      { kind: 'moved', id: 'acme/deploy', registry: ORIGIN, from: '1.0.0', version: '1.1.0' },
    ]);
  });

  it('moves what no longer fits, and removes what nobody asks for', async () => {
    const { deps } = await world([
      ['acme/deploy', '1.0.0', { 'acme/notify': '^1' }],
      ['acme/deploy', '2.0.0'],
      ['acme/notify', '1.0.0'],
    ]);
    const first = await lock(deps, wants('acme/deploy@^1'));
    const wanted = wants('acme/deploy@^2');
    expect(findDifferences(first.lock, wanted)).toEqual([
      { kind: 'unsatisfied', name: 'deploy', detail: 'wants ^2, locked 1.0.0' },
    ]);
    const second = await lock(deps, wanted, first.lock);
    expect(second.changes.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'moved acme/deploy',
      'removed acme/notify',
    ]);
    expect(summary(second.lock)).toEqual(['acme/deploy@2.0.0 []']);
  });

  it('locks several versions of one workflow side by side', async () => {
    const { deps } = await world([
      ['acme/chat', '1.5.0'],
      ['acme/chat', '2.5.0'],
      ['acme/a', '1.0.0', { 'acme/chat': '^1' }],
      ['acme/b', '1.0.0', { 'acme/chat': '^2' }],
    ]);
    const wanted = wants('acme/a@^1', 'acme/b@^1');
    const made = await lock(deps, wanted);
    expect(summary(made.lock)).toEqual([
      'acme/a@1.0.0 [acme/chat@1.5.0]',
      'acme/b@1.0.0 [acme/chat@2.5.0]',
      'acme/chat@1.5.0 []',
      'acme/chat@2.5.0 []',
    ]);
    expect(findDifferences(made.lock, wanted)).toEqual([]);
  });

  it('gives the same lockfile again, also when a range and what is kept for another could agree', async () => {
    const { deps, add } = await world([
      ['acme/chat', '1.0.0'],
      ['acme/a', '1.0.0', { 'acme/chat': '^1' }],
    ]);
    const first = await lock(deps, wants('acme/chat@^1', 'acme/a@^1'));
    await add('acme/chat', '1.2.0');
    await add('acme/b', '1.0.0', { 'acme/chat': '^1.2' });
    const wanted = wants('acme/chat@^1', 'acme/a@^1', 'acme/b@^1');
    const second = await lock(deps, wanted, first.lock);
    expect(findDifferences(second.lock, wanted)).toEqual([]);
    const third = await lock(deps, wanted, second.lock);
    expect(formatLockfile(third.lock)).toBe(formatLockfile(second.lock));
  });

  it('refuses a cycle, and shows its path', async () => {
    const { deps } = await world([
      ['acme/a', '1.0.0', { 'acme/b': '^1' }],
      ['acme/b', '1.1.0', { 'acme/c': '*' }],
      ['acme/c', '3.0.0', { 'acme/b': '1.x' }],
    ]);
    const error = await failure(lock(deps, wants('acme/a@^1')), 'dependency.cycle');
    expect(error.message).toContain('acme/b@1.1.0 → acme/c@3.0.0 → acme/b@1.1.0');
  });

  it('refuses a chain that is too deep', async () => {
    const { deps } = await world(
      Array.from({ length: 40 }, (_, i) => [
        `acme/w${i}`,
        '1.0.0',
        i === 39 ? {} : { [`acme/w${i + 1}`]: '^1' },
      ]),
    );
    await failure(lock(deps, wants('acme/w0@^1')), 'dependency.too_deep');
  });
});

describe('a lockfile that does not fit its project', () => {
  it('is told with each difference', async () => {
    const { deps } = await world([
      ['acme/deploy', '1.4.2', { 'acme/notify': '^1' }],
      ['acme/notify', '1.0.0'],
    ]);
    const made = await lock(deps, wants('acme/deploy@^1'));
    const elsewhere = { ...wants('acme/deploy@^1')[0], registry: 'other.example' } as WantedByName;
    const wanted = [...wants('acme/deploy@^1.5', 'acme/lint@^1'), { ...elsewhere, name: 'other' }];
    expect(findDifferences(made.lock, wanted)).toEqual([
      { kind: 'unsatisfied', name: 'deploy', detail: 'wants ^1.5, locked 1.4.2' },
      { kind: 'missing', name: 'lint', detail: 'not locked' },
      { kind: 'missing', name: 'other', detail: 'not locked from other.example' },
    ]);
    expect(findDifferences(made.lock, [])).toMatchObject([
      { kind: 'superfluous', name: 'acme/deploy 1.4.2' },
      { kind: 'superfluous', name: 'acme/notify 1.0.0' },
    ]);
    const holed = { ...made.lock, workflows: made.lock.workflows.filter(({ id }) => id !== 'acme/notify') };
    expect(findDifferences(holed, wants('acme/deploy@^1'))).toMatchObject([
      { kind: 'dependency_missing', detail: 'needs acme/notify 1.0.0, which is not locked' },
    ]);
  });

  it.each([
    ['a prerelease without a selector', 'acme/deploy', '2.0.0-rc.1'],
    ['a channel', 'acme/deploy@beta', '1.0.0'],
    ['another digest', `acme/deploy@sha256:${'0'.repeat(64)}`, '1.0.0'],
  ])('does not take %s', (_what, reference, version) => {
    const { selector } = parseReference(reference);
    const tar = parseReference(`${parseWorkflowId('acme/x')}@sha256:${'1'.repeat(64)}`).selector;
    if (tar.kind !== 'digest') throw new Error('not reached');
    expect(allows(selector, { version: version as Version, tar: tar.digest })).toBe(false);
  });

  it('keeps what is locked for a name that is refused, and goes on with the others', async () => {
    const { deps, add } = await world([
      ['acme/chat', '1.0.0'],
      ['acme/deploy', '1.0.0', { 'acme/chat': '^1' }],
      ['acme/notify', '1.0.0'],
    ]);
    const wanted = wants('acme/deploy@^1', 'acme/notify@^1');
    const first = await lock(deps, wanted);
    await add('acme/chat', '1.1.0');
    await add('acme/deploy', '1.1.0', { 'acme/chat': '>=1.1.0' });
    await add('acme/notify', '1.1.0');
    const error = new ClientError('state.quarantined', 'acme/chat 1.1.0 is quarantined', {
      verification: { steps: [], notReached: [], evidence: [] },
    });
    const refusing: LockDeps = {
      fetch: (want, kept, o) => (want.id === 'acme/chat' ? Promise.reject(error) : deps.fetch(want, kept, o)),
    };
    const made = await lock(refusing, wanted, first.lock, ['deploy', 'notify']);
    expect(summary(made.lock)).toEqual([
      'acme/chat@1.0.0 []',
      'acme/deploy@1.0.0 [acme/chat@1.0.0]',
      'acme/notify@1.1.0 []',
    ]);
    expect(made.refused).toEqual([{ name: 'deploy', id: 'acme/deploy', version: '1.0.0', error }]);
    expect(formatLockfile(pruneLockfile(made.lock, wants('acme/deploy@^1')))).toBe(
      formatLockfile(pruneLockfile(first.lock, wants('acme/deploy@^1'))),
    );
    // Of a name that nothing is locked for there is nothing to keep.
    await failure(lock(refusing, wants('acme/chat@^1')), 'state.quarantined');
    await failure(
      lock(
        { fetch: () => Promise.reject(new ClientError('network.unreachable', 'down')) },
        wanted,
        first.lock,
      ),
      'network.unreachable',
    );
  });
});
