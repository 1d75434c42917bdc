import { readTomlDocument } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { thrown } from '../testing/failure.js';
import { deprecate, lockOf } from '../testing/test-lock.js';
import { createTestRegistry } from '../testing/test-registry.js';
import { splitConflict } from './conflict.js';
import { formatLockfile } from './format.js';
import { EMPTY_LOCKFILE } from './lockfile.js';
import { mergeLockfiles } from './merge.js';
import { parseLockfile } from './parse.js';

const registry = createTestRegistry();
const deploy = await registry.publish('acme/deploy', '1.4.2', { dependencies: { 'acme/notify': '^1' } });
const notify = await registry.publish('acme/notify', '1.10.0');
const older = await registry.publish('acme/notify', '1.9.0');
const standing = await deprecate(registry, older);
const LOCK = await lockOf(registry, [
  { published: notify },
  { published: deploy, dependencies: [{ id: notify.id, version: notify.version }] },
  { published: older, standings: [standing] },
]);
const TEXT = formatLockfile(LOCK);

describe('a lockfile', () => {
  it('is read back as it was written', () => {
    expect(parseLockfile(TEXT, 'sheaf.lock')).toEqual(LOCK);
    expect(formatLockfile(parseLockfile(TEXT, 'sheaf.lock'))).toBe(TEXT);
    expect(parseLockfile(formatLockfile(EMPTY_LOCKFILE), 'sheaf.lock')).toEqual(EMPTY_LOCKFILE);
  });

  it('is sorted by name and version, whatever the order it was made in', () => {
    const shuffled = { ...LOCK, workflows: LOCK.workflows.toReversed() };
    expect(formatLockfile(shuffled)).toBe(TEXT);
    expect(TEXT.match(/^(?:id|version) = ".*"$/gm)).toEqual([
      'id = "acme/deploy"',
      'version = "1.4.2"',
      'id = "acme/notify"',
      'version = "1.9.0"',
      'id = "acme/notify"',
      'version = "1.10.0"',
    ]);
  });

  it('is TOML, and says there what it says here', () => {
    const read = readTomlDocument(TEXT);
    if ('problem' in read) throw new Error(read.problem.message);
    const [first] = LOCK.registries;
    expect(read.document.value).toMatchObject({
      version: 1,
      registry: [{ origin: first?.origin, log_key: first?.logKey, checkpoint: first?.checkpoint }],
      workflow: LOCK.workflows.map(({ id, version, tar, logIndex, state, signers }) => ({
        id,
        version,
        tar,
        log_index: logIndex,
        state,
        signers,
      })),
    });
  });

  it('changes only the lines of the entry that changes', () => {
    const without = { ...LOCK, workflows: LOCK.workflows.filter(({ version }) => version !== '1.9.0') };
    const lines = formatLockfile(without).split('\n');
    const all = TEXT.split('\n');
    const at = all.findIndex((line, i) => line !== lines[i]);
    expect(all.toSpliced(at, all.length - lines.length)).toEqual(lines);
  });

  it('may have the line ends of Windows', () => {
    expect(parseLockfile(TEXT.replaceAll('\n', '\r\n'), 'sheaf.lock')).toEqual(LOCK);
  });

  it.each([
    ['a comment', (text: string) => text.replace('\n\n', '\n# mine\n\n'), ':3:1'],
    ['a missing empty line', (text: string) => text.replace('\n\n[[workflow]]', '\n[[workflow]]'), ':'],
    ['a missing final line end', (text: string) => text.slice(0, -1), ':'],
    [
      'spaces at the end of a line',
      (text: string) => text.replace('version = 1\n', 'version = 1 \n'),
      ':2:1',
    ],
    ['another version of the format', (text: string) => text.replace('version = 1', 'version = 2'), ':2:1'],
    ['a key too many', (text: string) => text.replace('state = ', 'note = "x"\nstate = '), ':'],
    ['an escape', (text: string) => text.replace('id = "acme/', 'id = "\\u0061cme/'), ':'],
    ['a number with zeros', (text: string) => text.replace('log_index = ', 'log_index = 0'), ':'],
    ['an entry twice', (text: string) => `${text}\n${text.slice(text.indexOf('[[workflow]]'))}`, ':'],
    ['a lone carriage return', (text: string) => text.replace('version = 1\n', 'version = 1\r'), ':'],
  ])('is refused with %s', async (_what, change, place) => {
    const error = await thrown(() => parseLockfile(change(TEXT), 'sheaf.lock'), 'lock.invalid');
    expect(error.message).toContain(`sheaf.lock${place}`);
  });

  it('tells line and column of what is wrong', async () => {
    const line = TEXT.split('\n').findIndex((each) => each.startsWith('blob = ')) + 1;
    const error = await thrown(
      () => parseLockfile(TEXT.replace('blob = "sha256:', 'blob = "sha512:'), 'x/sheaf.lock'),
      'lock.invalid',
    );
    expect(error.message).toContain(`x/sheaf.lock:${line}:8: `);
  });

  it('is refused when it is larger than 4 MiB', async () => {
    await thrown(() => parseLockfile(`${TEXT}${'#'.repeat(4 << 20)}`, 'sheaf.lock'), 'lock.invalid');
  });

  it('is refused with more than 1,000 entries', async () => {
    const many = Array.from({ length: 1001 }, (_, i) => ({
      ...registryLine,
      realm: `r${String(i).padStart(4, '0')}`,
    }));
    const text = formatLockfile({ registries: many, workflows: [] });
    const error = await thrown(() => parseLockfile(text, 'sheaf.lock'), 'lock.invalid');
    expect(error.message).toContain('more than 1000');
  });
});

const registryLine = LOCK.registries[0] ?? { origin: '', realm: '', logKey: '', checkpoint: '' };

describe('a lockfile that a merge could not decide', () => {
  const [deployEntry, olderEntry, notifyEntry] = LOCK.workflows;
  const ours = formatLockfile({ ...LOCK, workflows: LOCK.workflows.filter((e) => e !== notifyEntry) });
  const theirs = formatLockfile({ ...LOCK, workflows: LOCK.workflows.filter((e) => e !== olderEntry) });
  const head = formatLockfile({ ...LOCK, workflows: deployEntry === undefined ? [] : [deployEntry] });
  const conflict = `${head}<<<<<<< HEAD\n${ours.slice(head.length)}||||||| 1234567\n=======\n${theirs.slice(head.length)}>>>>>>> other\n`;

  it('is an error that says what to do', async () => {
    const error = await thrown(() => parseLockfile(conflict, 'sheaf.lock'), 'lock.conflict');
    expect(error.message).toContain(`sheaf.lock:${head.split('\n').length}:1`);
    expect(error.hint).toContain('sheaf lock');
  });

  it('is not told to lock anew where a marker stands alone, but which line it is', async () => {
    const stray = `${head}<<<<<<< HEAD\n`;
    const error = await thrown(() => parseLockfile(stray, 'sheaf.lock'), 'lock.conflict');
    const line = head.split('\n').length;
    expect(error.message).toBe(`sheaf.lock:${line}:1: this marker of a merge has no other side`);
    expect(error.hint).toContain(`remove line ${line} if`);
  });

  it('is told apart into both sides, and joined', () => {
    expect(splitConflict(conflict)).toEqual([ours, theirs]);
    expect(splitConflict(TEXT)).toBeUndefined();
    expect(splitConflict(conflict.replace('>>>>>>> other\n', ''))).toBeUndefined();
    const [a, b] = [ours, theirs].map((text) => parseLockfile(text, 'sheaf.lock'));
    expect(formatLockfile(mergeLockfiles(a ?? EMPTY_LOCKFILE, b ?? EMPTY_LOCKFILE))).toBe(TEXT);
  });
});
