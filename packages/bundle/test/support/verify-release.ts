import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import {
  checkAuthority,
  checkBlob,
  checkBundleStatement,
  checkChain,
  checkEnvelope,
  checkInclusion,
  checkPublishLeaf,
  checkReceiptCheckpoint,
  checkStanding,
  checkStatement,
  encodeBase64,
  findBase64,
  logVerifierOf,
  openVerifiedBundle,
  parseLogVerifier,
  parseReceipt,
  parseStanding,
} from '../../src/index.js';
import type { RefusedRelease } from './refused-releases.js';

/** The order of docs/FORMAT.md §13. What this package has no code for, it answers. */
export async function verifyRelease(vector: Omit<RefusedRelease, 'code'>): Promise<string> {
  const [id = '', version = ''] = vector.expected.split('@');
  const [namespace = '', name = ''] = id.split('/');
  const receipt = parseReceipt(new TextEncoder().encode(vector.receipt));
  const standings = vector.standings.map((document) => parseStanding(new TextEncoder().encode(document)));
  const [origin = ''] = receipt.checkpoint.split('\n', 1);
  const logs = `${vector.registry}/log/`;
  if (origin.startsWith(logs) && ![`${logs}public`, logs + namespace].includes(origin)) return 'log.origin';
  const named = origin.startsWith(logs) ? origin : `${logs}public`;
  const verifier = logVerifierOf(named, parseLogVerifier(vector.logKey).publicKey);
  const checkpoint = checkReceiptCheckpoint(receipt, verifier, named);
  const newer = standings.map((standing) => checkReceiptCheckpoint(standing, verifier, named));
  for (const logged of [receipt.publish, ...receipt.authority]) checkInclusion(logged, checkpoint);
  for (const [i, { events }] of standings.entries()) {
    for (const event of events) checkInclusion(event, newer[i] ?? checkpoint);
  }
  const seen = [checkpoint, ...newer];
  const roots = new Map(seen.map(({ size, root }) => [size, encodeBase64(root)]));
  if (seen.some(({ size, root }) => roots.get(size) !== encodeBase64(root))) return 'log.fork';
  const leaf = checkPublishLeaf(receipt.publish.leaf, {
    namespace: parseNamespace(namespace),
    name: parseWorkflowName(name),
    version: parseVersion(version),
  });
  checkEnvelope(receipt, leaf);
  const keys = checkAuthority(receipt, leaf);
  const statement = checkStatement(receipt.envelope, keys, keys.length, leaf, vector.registry);
  const { state } = checkStanding(
    standings.flatMap(({ events }) => events),
    { index: receipt.publish.index, leaf },
  );
  checkChain([receipt.publish, ...receipt.authority, ...standings.flatMap(({ events }) => events)]);
  const given = findBase64(vector.blob) ?? new Uint8Array(0);
  checkBlob(given, leaf);
  checkBundleStatement(await openVerifiedBundle(given, leaf), statement);
  return state;
}
