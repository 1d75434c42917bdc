import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceRecord } from './workspace.js';

/** Workspaces lie in folders by what they were made from, beside what is written of them. */
export function workspacesDir(stateDir: string): string {
  return join(stateDir, 'workspaces');
}

/** The folder of all workspaces that are made from one repository or folder. */
export function sourceDir(stateDir: string, root: string): string {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, HASH_LENGTH);
  return join(workspacesDir(stateDir), hash);
}

const HASH_LENGTH = 16;
const SOURCE_NAME = /^[0-9a-f]{16}$/;
const RECORD_NAME = /^([0-9a-z][0-9A-Za-z._-]{0,159})\.json$/;
const MAX_RECORD_BYTES = 64 * 1024;

/** A record, and where it stands. */
export interface StoredRecord {
  readonly record: WorkspaceRecord;
  readonly file: string;
  /** The folder that the workspace is in, and nothing else: where it is is never taken from what is written. */
  readonly folder: string;
}

/** The place of a workspace that may not be there yet. */
export function recordPlace(
  stateDir: string,
  { root, id }: Pick<WorkspaceRecord, 'root' | 'id'>,
): Omit<StoredRecord, 'record'> {
  const base = join(sourceDir(stateDir, root), id);
  return { file: `${base}.json`, folder: base };
}

/** Writes what is known of a workspace: whole, or as it was before. */
export function writeRecord(stateDir: string, record: WorkspaceRecord): StoredRecord {
  const place = recordPlace(stateDir, record);
  mkdirSync(sourceDir(stateDir, record.root), { recursive: true, mode: 0o700 });
  const temporary = `${place.file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(temporary, place.file);
  return { ...place, record };
}

/** Says that nobody is at work in a workspace. */
export function releaseRecord(stateDir: string, { record }: StoredRecord): void {
  writeRecord(stateDir, { ...record, process: undefined });
}

export function dropRecord({ file }: Pick<StoredRecord, 'file'>): void {
  rmSync(file, { force: true });
}

/** What is written of a workspace; undefined when it is gone. */
export function findRecord(
  stateDir: string,
  key: Pick<WorkspaceRecord, 'root' | 'id'>,
): StoredRecord | undefined {
  return readRecord(recordPlace(stateDir, key));
}

/** All that is written of workspaces, in no order. */
export function listRecords(stateDir: string): readonly StoredRecord[] {
  const root = workspacesDir(stateDir);
  return namesIn(root)
    .filter((name) => SOURCE_NAME.test(name))
    .flatMap((name) =>
      namesIn(join(root, name)).flatMap((file) => {
        const id = RECORD_NAME.exec(file)?.[1];
        const base = id === undefined ? undefined : join(root, name, id);
        const found = base === undefined ? undefined : readRecord({ file: `${base}.json`, folder: base });
        return found?.record.id === id ? (found ?? []) : [];
      }),
    );
}

/** Undefined for what is not there, or is no record. */
function readRecord(place: Omit<StoredRecord, 'record'>): StoredRecord | undefined {
  try {
    const text = readFileSync(place.file, 'utf8');
    const record: unknown = text.length > MAX_RECORD_BYTES ? undefined : JSON.parse(text);
    return isRecord(record) ? { ...place, record } : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is WorkspaceRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Readonly<Record<string, unknown>>;
  const texts = ['id', 'run', 'kind', 'path', 'cwd', 'root', 'state'];
  return record['schema'] === 'sheaf.workspace/1' && texts.every((key) => typeof record[key] === 'string');
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
