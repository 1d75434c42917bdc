import {
  BundleError,
  checkBundleStatement,
  checkStatement,
  gunzipTar,
  openVerifiedBundle,
  parseEnvelope,
  parseLeaf,
  publicKeyFromRaw,
  sha256Hex,
  type PublishLeaf,
} from '@sheaf/bundle';
import { isDeepStrictEqual } from 'node:util';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.js';
import { deriveFacts } from '../domain/publish/facts.js';
import { blobKey, type ObjectStore } from '../objects/port.js';
import { rowsOf } from './cursor.js';
import type { Findings } from './finding.js';

export interface BlobCheck {
  readonly trx: Transaction<Database>;
  readonly objects: ObjectStore;
  readonly origin: string;
  readonly isDeep: boolean;
  readonly findings: Findings;
  readonly signal: AbortSignal;
}

interface VersionRow {
  readonly subject: string;
  readonly tar: string;
  readonly tar_size: number;
  readonly blob: string;
  readonly blob_size: number;
  readonly envelope: Buffer;
  readonly summary: unknown;
  readonly leaf: Buffer | null;
  readonly keys: readonly string[];
}

const AT_A_TIME = 8;

/** Every version has its blob; deep: with the bytes, the archive, the signatures and the facts that its row says. */
export async function checkBlobs(check: BlobCheck): Promise<{ readonly blobs: number }> {
  const { trx, isDeep, signal } = check;
  let blobs = 0;
  let batch: VersionRow[] = [];
  const flush = async () => {
    await Promise.all(batch.map((row) => (isDeep ? checkDeep(check, row) : checkPresence(check, row))));
    batch = [];
  };
  for await (const row of rowsOf(trx, versionRows(isDeep))) {
    signal.throwIfAborted();
    blobs += 1;
    batch.push(row);
    // One at a time when each is read whole: memory stays that of one bundle.
    if (batch.length === (isDeep ? 1 : AT_A_TIME)) await flush();
  }
  await flush();
  return { blobs };
}

function versionRows(isDeep: boolean) {
  const deep = isDeep
    ? sql`v.envelope, v.summary, (select l.leaf from log_leaves l where l.realm = n.realm and l.index = v.log_index) as leaf,
      array(select encode(k.public_key, 'base64') from keys k where k.namespace_id = n.id and k.key_id = any(v.key_ids)
        union all select encode(k.public_key, 'base64') from ephemeral_keys k
          where k.namespace_id = n.id and k.key_id = any(v.key_ids)) as keys`
    : sql`''::bytea as envelope, null as summary, null::bytea as leaf, '{}'::text[] as keys`;
  return sql<VersionRow>`
    select n.name || '/' || w.name || '@' || v.version as subject, encode(v.tar_sha256, 'hex') as tar, v.tar_size,
      encode(v.blob_sha256, 'hex') as blob, v.blob_size, ${deep}
    from versions v join workflows w on w.id = v.workflow_id join namespaces n on n.id = w.namespace_id`;
}

async function checkPresence({ objects, findings, signal }: BlobCheck, row: VersionRow): Promise<void> {
  const size = await objects.size(blobKey(`sha256:${row.tar}`), { signal });
  if (size === undefined) findings.add('blob', 'missing', row.subject, `the store has no blob ${row.tar}`);
  else if (size !== row.blob_size)
    findings.add('blob', 'size', row.subject, `its blob has ${size} bytes, and not ${row.blob_size}`);
}

async function checkDeep(check: BlobCheck, row: VersionRow): Promise<void> {
  const { objects, findings, signal } = check;
  const bytes = await objects.get(blobKey(`sha256:${row.tar}`), { signal });
  if (bytes === undefined) {
    findings.add('blob', 'missing', row.subject, `the store has no blob ${row.tar}`);
    return;
  }
  if (bytes.length !== row.blob_size || sha256Hex(bytes) !== row.blob) {
    findings.add('blob', 'digest', row.subject, `the blob ${row.tar} is not what the log recorded`);
    return;
  }
  const leaf = publishLeafOf(row.leaf);
  try {
    if (leaf === undefined) {
      // What waits for its place, or whose leaf is told elsewhere.
      if (sha256Hex(await gunzipTar(bytes, row.tar_size)) !== row.tar)
        throw new BundleError('tar.digest', 'the tar is another one');
      return;
    }
    const bundle = await openVerifiedBundle(bytes, leaf);
    const keys = row.keys.map((key) => publicKeyFromRaw(Buffer.from(key, 'base64')));
    const named = keys.filter(({ id }) => leaf.keyids.includes(id));
    // A certificate that has expired is forgotten; its leaf is in the log, and readers check it there.
    if (named.length === leaf.keyids.length) {
      const envelope = parseEnvelope(row.envelope);
      const statement = checkStatement(envelope, named, named.length, leaf, check.origin);
      checkBundleStatement(bundle, statement);
      if (!isDeepStrictEqual(JSON.parse(JSON.stringify(deriveFacts(bundle, statement))), row.summary))
        findings.add(
          'row',
          'summary',
          row.subject,
          'what its row says of the bundle is not what the bundle says',
        );
    }
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    findings.add('blob', 'content', row.subject, `${error.code}: ${error.message}`);
  }
}

function publishLeafOf(bytes: Buffer | null): PublishLeaf | undefined {
  if (bytes === null) return undefined;
  try {
    const leaf = parseLeaf(bytes);
    return leaf.type === 'publish' ? leaf : undefined;
  } catch {
    return undefined;
  }
}
