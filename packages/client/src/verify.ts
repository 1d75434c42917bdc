import {
  checkAuthority,
  checkBlob,
  checkBundleStatement,
  checkEnvelope,
  checkInclusion,
  checkPublishLeaf,
  checkStatement,
  DEFAULT_LIMITS,
  openVerifiedBundle,
  parseDigest,
  parseLeaf,
  parseLogVerifier,
  type ArchiveLimits,
  type Bundle,
  type Digest,
  type KeyId,
  type LogVerifier,
  type PublicKey,
  type PublishLeaf,
  type PublishStatement,
  type Receipt,
} from '@sheaf/bundle';
import { splitWorkflowId, type Version, type WorkflowId } from '@sheaf/workflow';
import {
  assertConsistent,
  assertSameIfSameSize,
  openSeen,
  type FetchTile,
  type SeenCheckpoint,
} from './consistency.js';
import { ClientError, type VerificationStep } from './errors.js';
import { keyChanged, publicLogOrigin, type Pin } from './pin.js';
import { createSteps, type Steps } from './verification-steps.js';

/** How many other processes may move the checkpoint while this one tries to. */
const MAX_ADVANCES = 100;

/** What an answer of the log right now adds to a verification. */
export interface Freshness {
  /** The log's newest note, asked for after the pin was read: else another process could have seen a newer one. */
  readonly note: string;
  readonly fetchTile: FetchTile;
  /** Compare-and-swap of the pin's checkpoint, as `TrustStore.advance`. */
  readonly advance: (seen: Pin, newNote: string) => Promise<boolean>;
  /** The pin as it is now. */
  readonly reload: () => Promise<Pin>;
}

export interface VerifyReceiptInput {
  readonly receipt: Receipt;
  readonly expected: {
    readonly id: WorkflowId;
    readonly version: Version;
    readonly digest?: Digest | undefined;
  };
  readonly pin: Pin;
  /** Left out offline: then nothing shows that the log did not go back or fork since. */
  readonly freshness?: Freshness | undefined;
  readonly onStep?: ((step: VerificationStep) => void) | undefined;
}

export interface VerifyWorkflowInput extends VerifyReceiptInput {
  /** The compressed bundle that the leaf names, from wherever it comes; asked for only when the leaf is verified. */
  readonly blob: (leaf: PublishLeaf) => Promise<Uint8Array>;
  readonly limits?: ArchiveLimits | undefined;
}

declare const receiptBrand: unique symbol;
declare const workflowBrand: unique symbol;

/** A publish that the log and its publisher's key vouch for. Made by this module only. */
export interface VerifiedReceipt {
  readonly [receiptBrand]: true;
  readonly id: WorkflowId;
  readonly version: Version;
  readonly digest: Digest;
  readonly receipt: Receipt;
  readonly leaf: PublishLeaf;
  readonly statement: PublishStatement;
  /** The authorised keys that signed. */
  readonly signers: readonly PublicKey[];
  /** Of the signers, those that were registered by fresh authentication: no earlier key vouches for them. */
  readonly recovered: readonly KeyId[];
  readonly logIndex: number;
  /** The newest checkpoint that was verified. */
  readonly checkpoint: SeenCheckpoint;
}

/** A workflow whose every byte is vouched for: the only thing that may be unpacked and run. Made by this module only. */
export interface VerifiedWorkflow extends VerifiedReceipt {
  readonly [workflowBrand]: true;
  readonly bundle: Bundle;
}

/**
 * Verifies a workflow: its receipt, then the bytes. Nothing outside the leaf and the signed notes has any influence
 * on what is accepted.
 *
 * @throws ClientError with `verification` set when a check fails: nothing may be kept, unpacked or run then
 */
export async function verifyWorkflow(input: VerifyWorkflowInput): Promise<VerifiedWorkflow> {
  const steps = createSteps(['log', 'leaf', 'signer', 'bytes'], input.onStep);
  const verified = await runReceiptSteps(steps, input);
  const bundle = await steps.run('bytes', () => checkBytes(input, verified));
  return { ...verified, bundle } as VerifiedWorkflow;
}

/** Verifies a receipt alone, such as the answer to a publish, of bytes that the caller has made itself. */
export async function verifyReceipt(input: VerifyReceiptInput): Promise<VerifiedReceipt> {
  return runReceiptSteps(createSteps(['log', 'leaf', 'signer'], input.onStep), input);
}

async function runReceiptSteps(steps: Steps, input: VerifyReceiptInput): Promise<VerifiedReceipt> {
  const { receipt, expected } = input;
  const checkpoint = await steps.run(
    'log',
    () => checkLog(input),
    () => evidenceOf(input),
  );
  const leaf = await steps.run('leaf', () => checkLeaf(input));
  const { signers, statement } = await steps.run('signer', () => checkSigner(input, leaf));
  return {
    id: expected.id,
    version: expected.version,
    digest: parseDigest(`sha256:${leaf.tar.sha256}`),
    receipt,
    leaf,
    statement,
    signers,
    recovered: findRecovered(receipt),
    logIndex: receipt.publish.index,
    checkpoint,
  } as VerifiedReceipt;
}

interface Checked<T> {
  readonly value: T;
  readonly detail: string;
}

/** Signed by the pinned key, holding the receipt's leaves, and extending all that was seen of this log. */
async function checkLog({ receipt, pin, freshness }: VerifyReceiptInput): Promise<Checked<SeenCheckpoint>> {
  const log: Log = { verifier: parseLogVerifier(pin.logKey), origin: publicLogOrigin(pin.origin) };
  const receiptSeen = openSeen(receipt.checkpoint, log);
  for (const logged of [receipt.publish, ...receipt.authority]) {
    checkInclusion(logged, { ...receiptSeen, origin: log.origin });
  }

  const stored = pin.checkpoint === null ? undefined : openSeen(pin.checkpoint, log);
  if (freshness === undefined) {
    if (stored !== undefined) assertSameIfSameSize(stored, receiptSeen);
    return { value: receiptSeen, detail: `checkpoint ${receiptSeen.size} signed; freshness not checked` };
  }
  const newest = await checkFreshness({ receiptSeen, stored, log, pin, freshness });
  const before = stored === undefined ? '' : `, extends ${stored.size} seen before`;
  return { value: newest, detail: `checkpoint ${newest.size} signed${before}` };
}

interface Log {
  readonly verifier: LogVerifier;
  readonly origin: string;
}

interface Seen {
  readonly receiptSeen: SeenCheckpoint;
  readonly stored: SeenCheckpoint | undefined;
  readonly log: Log;
  readonly pin: Pin;
  readonly freshness: Freshness;
}

async function checkFreshness(seen: Seen): Promise<SeenCheckpoint> {
  const { receiptSeen, stored, log, freshness } = seen;
  const fetchTile = rememberTiles(freshness.fetchTile);
  const latest = openSeen(freshness.note, log);
  if (stored !== undefined && latest.size < stored.size) {
    throw new ClientError(
      'log.rollback',
      `the log shows ${latest.size} entries, but ${stored.size} were seen before: its history was cut or replaced`,
    );
  }
  // A receipt may be younger than the latest checkpoint that was fetched beside it.
  const [older, newest] = receiptSeen.size <= latest.size ? [receiptSeen, latest] : [latest, receiptSeen];
  if (stored !== undefined) await assertConsistent(stored, newest, fetchTile);
  await assertConsistent(older, newest, fetchTile);
  await keepNewest(seen, newest, fetchTile);
  return newest;
}

/** Stores the newest checkpoint; what another process stored meanwhile must fit to it as well. */
async function keepNewest(seen: Seen, newest: SeenCheckpoint, fetchTile: FetchTile): Promise<void> {
  let { pin, stored } = seen;
  for (let attempt = 0; attempt < MAX_ADVANCES; attempt++) {
    if (stored !== undefined && stored.size >= newest.size) return;
    if (await seen.freshness.advance(pin, newest.note)) return;
    pin = await seen.freshness.reload();
    if (pin.logKey !== seen.pin.logKey) throw keyChanged(seen.pin, pin.logKey);
    stored = pin.checkpoint === null ? undefined : openSeen(pin.checkpoint, seen.log);
    if (stored === undefined) continue;
    const [older, newer] = stored.size <= newest.size ? [stored, newest] : [newest, stored];
    await assertConsistent(older, newer, fetchTile);
  }
  throw new ClientError(
    'trust.unusable',
    'the newest checkpoint cannot be stored: too many others write to it',
    {
      hint: 'try again',
    },
  );
}

/** The leaf speaks of the workflow, version and bytes that were asked for. */
async function checkLeaf({ receipt, expected }: VerifyReceiptInput): Promise<Checked<PublishLeaf>> {
  const leaf = checkPublishLeaf(receipt.publish.leaf, {
    ...splitWorkflowId(expected.id),
    version: expected.version,
  });
  if (expected.digest !== undefined && expected.digest !== `sha256:${leaf.tar.sha256}`) {
    throw new ClientError(
      'leaf.mismatch',
      `the log holds sha256:${leaf.tar.sha256} for ${expected.id} ${expected.version}, not ${expected.digest}`,
    );
  }
  return Promise.resolve({
    value: leaf,
    detail: `#${receipt.publish.index} is ${expected.id} ${expected.version}`,
  });
}

interface Signed {
  readonly signers: readonly PublicKey[];
  readonly statement: PublishStatement;
}

/** The envelope is the logged one, and every key that the leaf names, each added to the log before, signed it for this registry. */
async function checkSigner(
  { receipt, pin }: VerifyReceiptInput,
  leaf: PublishLeaf,
): Promise<Checked<Signed>> {
  checkEnvelope(receipt, leaf);
  const signers = checkAuthority(receipt, leaf);
  const statement = checkStatement(receipt.envelope, signers, signers.length, leaf, pin.origin);
  const described = signers.map((key) => `${key.id.slice(0, 4)}…${key.id.slice(-4)}`).join(', ');
  return Promise.resolve({
    value: { signers, statement },
    detail: `${described}, added at #${leaf.auth.join(', #')}`,
  });
}

function findRecovered(receipt: Receipt): readonly KeyId[] {
  return receipt.authority.flatMap((logged) => {
    const leaf = parseLeaf(logged.leaf);
    return leaf.type === 'key.add' && leaf.recovery === true ? [leaf.keyid] : [];
  });
}

/** Blob, then tar, then archive and definition, each before the next is looked at. */
async function checkBytes(
  input: VerifyWorkflowInput,
  { leaf, statement }: VerifiedReceipt,
): Promise<Checked<Bundle>> {
  const blob = await input.blob(leaf);
  checkBlob(blob, leaf);
  const bundle = await openVerifiedBundle(blob, leaf, input.limits ?? DEFAULT_LIMITS);
  checkBundleStatement(bundle, statement);
  const files = bundle.files.length === 1 ? '1 file' : `${bundle.files.length} files`;
  return { value: bundle, detail: `blob, tar and ${files}, ${bundle.digest}` };
}

function evidenceOf({
  receipt,
  pin,
  freshness,
}: VerifyReceiptInput): readonly { name: string; text: string }[] {
  return [
    ...(pin.checkpoint === null ? [] : [{ name: 'stored-checkpoint', text: pin.checkpoint }]),
    { name: 'receipt-checkpoint', text: receipt.checkpoint },
    ...(freshness === undefined ? [] : [{ name: 'latest-checkpoint', text: freshness.note }]),
  ];
}

/** The proofs of one verification share most of their tiles. */
function rememberTiles(fetchTile: FetchTile): FetchTile {
  const known = new Map<string, Promise<Uint8Array>>();
  return (level, index, width) => {
    const key = `${level}/${index}/${width}`;
    const tile = known.get(key) ?? fetchTile(level, index, width);
    known.set(key, tile);
    return tile;
  };
}
