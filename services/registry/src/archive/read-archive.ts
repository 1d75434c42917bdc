import {
  BundleError,
  checkBlob,
  checkBundleStatement,
  checkEventLeaf,
  checkStatement,
  encodeEnvelope,
  isKeyLeaf,
  openCheckpoint,
  openVerifiedBundle,
  parseEntryBundle,
  parseEnvelope,
  parseLogVerifier,
  parseWitnessVerifier,
  publicKeyFromSpki,
  readCosignatures,
  sha256Hex,
  type Bundle,
  type KeyLeaf,
  type Leaf,
  type LogVerifier,
  type PublicKey,
  type PublishLeaf,
  type PublishStatement,
  type Tile,
} from '@sheaf/bundle';
import { MAX_OBJECT_BYTES } from '../objects/port.js';
import { createLogReplay, type NamespaceHead } from '../replay/log-replay.js';
import { createTreeBuilder, type TreeBuilder } from '../replay/tree-builder.js';
import { ArchiveError, invalidArchive } from './archive-error.js';
import type { ArchiveReader } from './archive-files.js';
import {
  BUNDLE_WIDTH,
  MANIFEST,
  MAX_BYTES,
  names,
  parseCosignatures,
  parseManifest,
  parseNotes,
  type ArchivedCosignature,
  type ExportManifest,
  type RealmManifest,
} from './format.js';

/** A leaf with what it names, all of it verified as far as it goes before the end of the log is reached. */
export type VerifiedLeaf = {
  readonly realm: string;
  readonly index: number;
  readonly leaf: Leaf;
} & (
  | { readonly kind: 'release'; readonly leaf: PublishLeaf; readonly release: VerifiedRelease }
  | { readonly kind: 'event'; readonly leaf: KeyLeaf; readonly event: Buffer }
  /** Of a namespace that is not in the archive, or that names nothing else. */
  | { readonly kind: 'leaf'; readonly isIncluded: boolean }
);

export interface VerifiedRelease {
  readonly envelope: Buffer;
  readonly blob: Buffer;
  readonly bundle: Bundle;
  readonly statement: PublishStatement;
}

export interface VerifiedPart {
  readonly realm: string;
  readonly start: number;
  readonly leaves: readonly Uint8Array[];
  readonly checkpoints: readonly { readonly size: number; readonly note: string }[];
  readonly tiles: readonly Tile[];
}

export interface VerifiedRealm {
  readonly realm: RealmManifest;
  readonly root: Uint8Array;
  readonly note: string;
  readonly lastTime: number;
  readonly heads: ReadonlyMap<string, NamespaceHead>;
  readonly partialTiles: readonly Tile[];
  readonly cosignatures: readonly ArchivedCosignature[];
}

/** How far a realm was imported before. */
export interface HeldLog {
  readonly size: number;
  readonly root: Uint8Array;
}

/** What takes in an archive. Nothing that it is given may be shown before {@link readArchive} has resolved. */
export interface ArchiveSink {
  begin(manifest: ExportManifest): Promise<void>;
  /** What is held of a realm; leaves before that are compared with it, and not given again. */
  held(realm: string): Promise<HeldLog>;
  part(part: VerifiedPart): Promise<void>;
  leaf(leaf: VerifiedLeaf): Promise<void>;
  end(realm: VerifiedRealm): Promise<void>;
}

/**
 * Reads an archive from beginning to end and verifies all of it: that the pinned key signed each checkpoint, that they and the
 * tiles are of these leaves, that the leaves are a history which readers of the log accept, that it goes on from what is
 * held, and that events, envelopes and bundles are those that the leaves name.
 *
 * @param logKey C2SP verifier key of the public log
 * @throws ArchiveError
 */
export async function readArchive(
  reader: ArchiveReader,
  sink: ArchiveSink,
  { logKey, signal }: { readonly logKey: string; readonly signal: AbortSignal },
): Promise<ExportManifest> {
  const manifest = await readManifest(reader, logKey);
  await sink.begin(manifest);
  for (const realm of manifest.realms) {
    try {
      await readRealm({ reader, sink, manifest, realm, signal });
    } catch (error) {
      if (!(error instanceof BundleError)) throw error;
      throw invalidArchive(`the log of ${realm.realm} is not as it was signed: ${error.message}`, error);
    }
  }
  await reader.end();
  return manifest;
}

/** What an archive begins with, when it is of the registry whose key is pinned. @throws ArchiveError */
export async function readManifest(reader: ArchiveReader, logKey: string): Promise<ExportManifest> {
  const manifest = parseManifest(await reader.read(MANIFEST, MAX_BYTES.manifest));
  assertPinned(manifest, logKey);
  return manifest;
}

/** Every log of the archive is signed by the key that the reader was told, under its own name. */
function assertPinned({ origin, realms }: ExportManifest, logKey: string): void {
  const pinned = parseLogVerifier(logKey);
  for (const { realm, verifierKey } of realms) {
    let verifier: LogVerifier;
    try {
      verifier = parseLogVerifier(verifierKey);
    } catch (cause) {
      throw invalidArchive(`the key of the log of ${realm} cannot be read`, cause);
    }
    const isPinned =
      pinned.name === `${origin}/log/public` &&
      verifier.name === `${origin}/log/${realm}` &&
      Buffer.compare(verifier.publicKey, pinned.publicKey) === 0;
    if (!isPinned)
      throw new ArchiveError(
        'import.key_mismatch',
        `the archive is of the log ${verifier.name}, which another key signs than the one that was given`,
        'compare --log-key with the key that the registry publishes; if they differ, do not use the archive',
      );
  }
}

interface RealmReading {
  readonly reader: ArchiveReader;
  readonly sink: ArchiveSink;
  readonly manifest: ExportManifest;
  readonly realm: RealmManifest;
  readonly signal: AbortSignal;
}

async function readRealm(reading: RealmReading): Promise<void> {
  const { reader, sink, realm, signal } = reading;
  const verifier = parseLogVerifier(realm.verifierKey);
  const held = await sink.held(realm.realm);
  if (held.size > realm.size)
    throw new ArchiveError(
      'import.older',
      `the archive has ${realm.size} leaves of ${realm.realm}, and ${held.size} are here already`,
      'import a later export',
    );
  const tree = createTreeBuilder();
  const replay = createLogReplay();
  const judge = createJudge(reading);
  assertContinues(tree, held, realm.realm);
  while (tree.size < realm.size) {
    signal.throwIfAborted();
    const start = tree.size;
    const width = Math.min(BUNDLE_WIDTH, realm.size - start);
    const name = names.entries(realm.realm, start / BUNDLE_WIDTH, width);
    const leaves = parseEntryBundle(await reader.read(name, MAX_BYTES.entries));
    if (leaves.length !== width) throw invalidArchive(`${name} has ${leaves.length} leaves, not ${width}`);
    const part = await readPart(reading, { start, leaves, tree, verifier, held });
    if (start + width > held.size) await sink.part(part);
    for (const [i, bytes] of leaves.entries()) {
      const { leaf, problems } = replay.admit(bytes);
      const [problem] = problems;
      if (leaf === undefined || problem !== undefined)
        throw invalidArchive(
          `leaf ${start + i} of ${realm.realm} may not be there: ${problem ?? 'it cannot be read'}`,
        );
      const verified = await judge(leaf, start + i);
      if (start + i >= held.size) await sink.leaf(verified);
    }
  }
  const partialTiles = tree.partialTiles();
  for (const tile of partialTiles) await readTile(reading, tile);
  const note = (await reader.read(names.checkpoint(realm.realm), MAX_BYTES.envelope)).toString();
  assertSigned(note, verifier, realm.size, tree.root());
  await sink.end({
    realm,
    note,
    root: tree.root(),
    lastTime: replay.lastTime,
    heads: replay.heads,
    partialTiles,
    cosignatures: await readCosigned(reading, note),
  });
}

interface PartReading {
  readonly start: number;
  readonly leaves: readonly Uint8Array[];
  readonly tree: TreeBuilder;
  readonly verifier: LogVerifier;
  readonly held: HeldLog;
}

/** Grows the tree by an entry bundle, and compares it with every checkpoint on the way, and with what is held. */
async function readPart(
  reading: RealmReading,
  { start, leaves, tree, verifier, held }: PartReading,
): Promise<VerifiedPart> {
  const { reader, realm } = reading;
  const name = names.notes(realm.realm, start / BUNDLE_WIDTH);
  const notes = parseNotes(await reader.read(name, MAX_BYTES.notes), name);
  const checkpoints = notes.map((note) => ({ note, size: openCheckpoint(note, verifier).size }));
  const end = start + leaves.length;
  const stops = new Set([...checkpoints.map(({ size }) => size), end]);
  if (held.size > start && held.size <= end) stops.add(held.size);
  const full: Tile[] = [];
  let at = start;
  for (const stop of [...stops].sort((a, b) => a - b)) {
    if (stop <= start || stop > end) throw invalidArchive(`${name} has a checkpoint of other leaves`);
    full.push(
      ...tree.append(leaves.slice(at - start, stop - start)).filter(({ width }) => width === BUNDLE_WIDTH),
    );
    at = stop;
    for (const { note, size } of checkpoints)
      if (size === stop) assertSigned(note, verifier, size, tree.root());
    assertContinues(tree, held, realm.realm);
  }
  for (const tile of full) await readTile(reading, tile);
  return { realm: realm.realm, start, leaves, checkpoints, tiles: full };
}

async function readTile({ reader, realm }: RealmReading, tile: Tile): Promise<void> {
  const name = names.tile(realm.realm, tile);
  if (Buffer.compare(await reader.read(name, MAX_BYTES.tile), tile.hashes) !== 0)
    throw invalidArchive(`${name} does not hold the hashes of the leaves`);
}

function assertSigned(note: string, verifier: LogVerifier, size: number, root: Uint8Array): void {
  const signed = openCheckpoint(note, verifier);
  if (signed.origin !== verifier.name || signed.size !== size || Buffer.compare(signed.root, root) !== 0)
    throw invalidArchive(`the checkpoint of ${size} leaves of ${verifier.name} is of other leaves`);
}

/** What was imported before is a beginning of this log. */
function assertContinues(tree: TreeBuilder, held: HeldLog, realm: string): void {
  if (tree.size !== held.size || Buffer.compare(tree.root(), held.root) === 0) return;
  throw new ArchiveError(
    'import.forked',
    `the archive does not go on from the ${held.size} leaves of ${realm} that are here: the registry has signed two histories`,
    'keep both and ask the registry: one of the two was shown to you alone',
  );
}

/** The cosignatures of the newest checkpoint; each by the witness whose key it names. */
async function readCosigned(
  { reader, realm }: RealmReading,
  note: string,
): Promise<readonly ArchivedCosignature[]> {
  const name = names.cosignatures(realm.realm);
  const cosignatures = parseCosignatures(await reader.read(name, MAX_BYTES.cosignatures), name);
  const text = note.slice(0, note.indexOf('\n', note.lastIndexOf('\n\n') + 2) + 1);
  for (const { witness, line } of cosignatures) {
    const found = readCosignatures(text + line, [parseWitnessVerifier(witness)]);
    if (found.length !== 1) throw invalidArchive(`${name} has a line that its witness did not sign`);
  }
  return cosignatures;
}

/** Reads what a leaf names and holds it against the leaf; keys are those that the log has added before it. */
function createJudge({ reader, manifest, realm }: RealmReading) {
  const keys = new Map<string, Map<string, PublicKey>>();
  const keysOf = (namespace: string): Map<string, PublicKey> => {
    const known = keys.get(namespace) ?? new Map<string, PublicKey>();
    keys.set(namespace, known);
    return known;
  };
  const named = (leaf: Leaf, ids: readonly string[]): readonly PublicKey[] => {
    const known = keysOf(leaf.ns);
    return ids.flatMap((id) => known.get(id) ?? []);
  };
  return async (leaf: Leaf, index: number): Promise<VerifiedLeaf> => {
    const isIncluded = manifest.namespaces === null || manifest.namespaces.includes(leaf.ns);
    const place = { realm: realm.realm, index };
    if (!isIncluded) return { ...place, kind: 'leaf', leaf, isIncluded };
    if (leaf.type === 'key.add' || leaf.type === 'key.ephemeral')
      keysOf(leaf.ns).set(leaf.keyid, publicKeyFromSpki(leaf.key));
    if (isKeyLeaf(leaf)) {
      const event = await reader.read(names.event(realm.realm, index), MAX_BYTES.envelope);
      checkEventLeaf(parseEnvelope(event), leaf, named(leaf, leaf.by), manifest.origin);
      return { ...place, kind: 'event', leaf, event };
    }
    if (leaf.type !== 'publish') return { ...place, kind: 'leaf', leaf, isIncluded };
    const envelope = await reader.read(names.envelope(realm.realm, index), MAX_BYTES.envelope);
    const parsed = parseEnvelope(envelope);
    if (sha256Hex(envelope) !== leaf.envelope || sha256Hex(encodeEnvelope(parsed)) !== leaf.envelope)
      throw invalidArchive(`the envelope of leaf ${index} of ${realm.realm} is another one`);
    const signers = named(leaf, leaf.keyids);
    const statement = checkStatement(parsed, signers, leaf.keyids.length, leaf, manifest.origin);
    const blob = await reader.read(names.blob(leaf.tar.sha256), Math.min(leaf.blob.size, MAX_OBJECT_BYTES));
    checkBlob(blob, leaf);
    const bundle = await openVerifiedBundle(blob, leaf);
    checkBundleStatement(bundle, statement);
    return { ...place, kind: 'release', leaf, release: { envelope, blob, bundle, statement } };
  };
}
