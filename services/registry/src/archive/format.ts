import { entryBundlePath, tilePath, type Tile } from '@sheaf/bundle';
import { invalidArchive } from './archive-error.js';

/** What an archive begins with. docs/FORMAT.md, "Export archive". */
export interface ExportManifest {
  readonly schema: 'sheaf.export/1';
  /** Host that statements are signed for. */
  readonly origin: string;
  /** Seconds since the epoch; nothing rests on it. */
  readonly exportedAt: number;
  /** The namespaces whose releases are in it; null for all. */
  readonly namespaces: readonly string[] | null;
  readonly realms: readonly RealmManifest[];
}

export interface RealmManifest {
  readonly realm: string;
  /** C2SP verifier key: what the reader compares with the one that it was given. */
  readonly verifierKey: string;
  /** Leaves. */
  readonly size: number;
}

/** A cosignature of the newest checkpoint. */
export interface ArchivedCosignature {
  /** Verifier key. */
  readonly witness: string;
  readonly time: number;
  readonly line: string;
}

export const MANIFEST = 'sheaf-export.json';
export const BUNDLE_WIDTH = 256;

/** Most bytes of each kind of file. */
export const MAX_BYTES = {
  manifest: 1024 * 1024,
  entries: 2 * 1024 * 1024,
  notes: 8 * 1024 * 1024,
  tile: 256 * 32,
  envelope: 256 * 1024,
  cosignatures: 256 * 1024,
} as const;

const REALM = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const ORIGIN = /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?$/;
const MAX_REALMS = 1_000;
const MAX_NAMESPACES = 10_000;

export const names = {
  /** As C2SP tlog-tiles has it, so that the folder of a realm is a log which any of its readers understands. */
  entries: (realm: string, index: number, width: number) => `log/${realm}/${entryBundlePath(index, width)}`,
  tile: (realm: string, { level, index, width }: Pick<Tile, 'level' | 'index' | 'width'>) =>
    `log/${realm}/${tilePath(level, index, width)}`,
  /** The notes of the checkpoints that end in an entry bundle. */
  notes: (realm: string, index: number) => `notes/${realm}/${index}.json`,
  checkpoint: (realm: string) => `log/${realm}/checkpoint`,
  cosignatures: (realm: string) => `notes/${realm}/cosignatures.json`,
  event: (realm: string, index: number) => `events/${realm}/${index}.json`,
  envelope: (realm: string, index: number) => `envelopes/${realm}/${index}.json`,
  blob: (tarSha256: string) => `blobs/sha256/${tarSha256.slice(0, 2)}/${tarSha256}.tar.gz`,
} as const;

/** @throws ArchiveError `archive.invalid` */
export function parseManifest(bytes: Uint8Array): ExportManifest {
  const value = parseJson(bytes, MANIFEST);
  if (!isRecord(value) || value['schema'] !== 'sheaf.export/1')
    throw invalidArchive('the archive is not an export of a registry, or of a later format');
  const { origin, exportedAt, namespaces, realms } = value;
  if (typeof origin !== 'string' || !ORIGIN.test(origin))
    throw invalidArchive('the manifest names no origin');
  if (!isCount(exportedAt)) throw invalidArchive('the manifest has no time');
  if (namespaces !== null && !isListOf(namespaces, MAX_NAMESPACES, isRealmName))
    throw invalidArchive('the namespaces of the manifest are not names');
  if (!isListOf(realms, MAX_REALMS, isRealmManifest) || realms.length === 0)
    throw invalidArchive('the manifest names no logs');
  if (new Set(realms.map(({ realm }) => realm)).size !== realms.length)
    throw invalidArchive('the manifest names a log twice');
  return { schema: 'sheaf.export/1', origin, exportedAt, namespaces, realms };
}

/** @throws ArchiveError `archive.invalid` */
export function parseNotes(bytes: Uint8Array, name: string): readonly string[] {
  const value = parseJson(bytes, name);
  if (!isListOf(value, BUNDLE_WIDTH, (item): item is string => typeof item === 'string'))
    throw invalidArchive(`${name} is not a list of notes`);
  return value;
}

/** @throws ArchiveError `archive.invalid` */
export function parseCosignatures(bytes: Uint8Array, name: string): readonly ArchivedCosignature[] {
  const value = parseJson(bytes, name);
  const isOne = (item: unknown): item is ArchivedCosignature =>
    isRecord(item) &&
    typeof item['witness'] === 'string' &&
    isCount(item['time']) &&
    typeof item['line'] === 'string' &&
    item['line'].length <= 1_024;
  if (!isListOf(value, 100, isOne)) throw invalidArchive(`${name} is not a list of cosignatures`);
  return value;
}

export function encodeJson(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalidArchive(`${name} is not JSON`, cause);
  }
}

function isRealmManifest(value: unknown): value is RealmManifest {
  return (
    isRecord(value) &&
    isRealmName(value['realm']) &&
    typeof value['verifierKey'] === 'string' &&
    isCount(value['size'])
  );
}

function isRealmName(value: unknown): value is string {
  return typeof value === 'string' && REALM.test(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isListOf<T>(
  value: unknown,
  most: number,
  isItem: (item: unknown) => item is T,
): value is readonly T[] {
  return Array.isArray(value) && value.length <= most && value.every(isItem);
}
