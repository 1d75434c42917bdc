import {
  findBase64,
  parseDigest,
  parseReceipt,
  parseStanding,
  type KeyId,
  type ReleaseState,
} from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowId, printable } from '@sheaf/workflow';
import { ClientError } from '../errors.js';
import { assertLogIdentity, PUBLIC_REALM } from '../pin.js';
import { assertNoConflict } from './conflict.js';
import { eventIndexes, formatLockfile, LOCKFILE_HEADER } from './format.js';
import { createLineReader, type LineReader } from './lines.js';
import {
  MAX_LOCKED,
  MAX_LOCKFILE_LENGTH,
  type LockedDependency,
  type LockedRegistry,
  type LockedWorkflow,
  type Lockfile,
} from './lockfile.js';
import { compareDependencies, compareRegistries, compareWorkflows } from './order.js';

const MAX_SIGNERS = 64;
const MAX_DEPENDENCIES = 50;
const MAX_EVENTS = 16 * 1024;
/** One for each event that decides about a release: 16 revocations, a policy, a state. */
const MAX_STANDINGS = 18;
const MAX_NOTE_LINES = 200;
const STATES: readonly ReleaseState[] = ['active', 'deprecated', 'yanked', 'quarantined'];

/**
 * Reads a lockfile of at most 4 MiB and 1,000 workflows. Only the very text that {@link formatLockfile} writes is one
 * (line ends of Windows are taken for plain ones). Nothing in it is true before it was verified.
 *
 * @param file how messages call it
 * @throws ClientError `lock.invalid` with line and column, `lock.conflict` for what a merge has left
 */
export function parseLockfile(text: string, file: string): Lockfile {
  if (text.length > MAX_LOCKFILE_LENGTH) {
    throw new ClientError('lock.invalid', `${printable(file, 1000)} is larger than 4 MiB`, {
      hint: 'restore it from version control, or remove it and run sheaf lock',
    });
  }
  const plain = text.replaceAll('\r\n', '\n');
  assertNoConflict(plain, file);
  const lines = createLineReader(plain, file);
  for (const line of LOCKFILE_HEADER) lines.expect(line);
  const registries = readTables(lines, '[[registry]]', readRegistry, compareRegistries);
  const workflows = readTables(lines, '[[workflow]]', readWorkflow, compareWorkflows);
  if (!lines.isAtEnd()) lines.failNext('this line is none of a lockfile');
  const lock = { registries, workflows };
  // Whatever the reader has passed over would show here: one text for each lockfile, and no other.
  if (formatLockfile(lock) !== plain) lines.fail('the file is not as sheaf writes it');
  return lock;
}

function readTables<T>(
  lines: LineReader,
  head: string,
  read: (lines: LineReader) => T,
  compare: (a: T, b: T) => number,
): readonly T[] {
  const all: T[] = [];
  while (lines.isNext('') && lines.isAfterNext(head)) {
    lines.expect('');
    lines.expect(head);
    const one = read(lines);
    const previous = all.at(-1);
    if (previous !== undefined && compare(previous, one) >= 0)
      lines.fail('this entry is there twice, or is not in its place');
    all.push(one);
    if (all.length > MAX_LOCKED) lines.fail(`there are more than ${MAX_LOCKED} entries`);
  }
  return all;
}

function readRegistry(lines: LineReader): LockedRegistry {
  const origin = lines.text('origin');
  const realm = lines.text('realm');
  if (realm !== PUBLIC_REALM) lines.parsed(() => parseNamespace(realm));
  const logKey = lines.text('log_key');
  lines.parsed(() => {
    assertLogIdentity({ origin, logKey });
  });
  return { origin, realm, logKey, checkpoint: lines.block('checkpoint', MAX_NOTE_LINES) };
}

function readWorkflow(lines: LineReader): LockedWorkflow {
  const id = lines.text('id');
  const entry = {
    id: lines.parsed(() => parseWorkflowId(id)),
    ...readVersion(lines),
    registry: lines.text('registry'),
    tar: readDigest(lines, 'tar'),
    tarSizeBytes: lines.count('tar_size'),
    blob: readDigest(lines, 'blob'),
    blobSizeBytes: lines.count('blob_size'),
    signers: lines.texts('signers', MAX_SIGNERS).map((signer) => readKeyId(lines, signer)),
    logIndex: lines.count('log_index'),
    envelope: readDigest(lines, 'envelope'),
    state: readState(lines),
    dependencies: readDependencies(lines),
    receipt: readDocument(lines, 'receipt', lines.text('receipt'), parseReceipt),
  };
  if (!lines.isNextKey('events')) return { ...entry, standings: [] };
  const events = lines.counts('events', MAX_EVENTS);
  const documents = lines.texts('standing', MAX_STANDINGS);
  const standings = documents.map((text) => readDocument(lines, 'standing', text, parseStanding));
  if (standings.length === 0 || standings.some((standing) => standing.events.length === 0))
    lines.fail('standing says nothing');
  if (eventIndexes(standings).join() !== events.join()) lines.fail('events are not those of the standing');
  return { ...entry, standings };
}

function readVersion(lines: LineReader): Pick<LockedWorkflow, 'version'> {
  const version = lines.text('version');
  return { version: lines.parsed(() => parseVersion(version)) };
}

function readDigest(lines: LineReader, key: string) {
  const text = lines.text(key);
  return lines.parsed(() => parseDigest(text));
}

function readKeyId(lines: LineReader, text: string): KeyId {
  return /^[0-9a-f]{64}$/.test(text) ? (text as KeyId) : lines.fail('this is not the id of a key');
}

function readState(lines: LineReader): ReleaseState {
  const text = lines.text('state');
  return STATES.find((state) => state === text) ?? lines.fail('this is not a state');
}

function readDependencies(lines: LineReader): readonly LockedDependency[] {
  const all = lines.texts('dependencies', MAX_DEPENDENCIES).map((text) => {
    const at = text.indexOf('@');
    return lines.parsed(() => ({
      id: parseWorkflowId(text.slice(0, Math.max(at, 0))),
      version: parseVersion(text.slice(at + 1)),
    }));
  });
  all.forEach((one, i) => {
    const previous = all[i - 1];
    if (previous !== undefined && compareDependencies(previous, one) >= 0)
      lines.fail('the dependencies are not sorted');
  });
  return all;
}

function readDocument<T>(lines: LineReader, key: string, text: string, parse: (bytes: Uint8Array) => T): T {
  const bytes = findBase64(text);
  if (bytes === undefined) return lines.fail(`${key} is not base64`);
  return lines.parsed(() => parse(bytes));
}
