import { encodeBase64 } from '../encoding/base64.js';
import { canonicalJson } from '../encoding/canonical-json.js';
import { type MemberReader, readMembers } from '../encoding/members.js';
import { parseStrictJson } from '../encoding/strict-json.js';
import { MAX_LEAF_BYTES, MAX_LEAF_KEYS } from '../log/leaf.js';
import { HASH_BYTES, MAX_PROOF_HASHES } from '../log/merkle.js';
import { type Envelope, envelopeValue, readEnvelope } from '../statement/envelope.js';

/** The media type of an encoded receipt. */
export const MEDIA_TYPE_RECEIPT = 'application/vnd.sheaf.receipt.v1+json';
const MAX_RECEIPT_BYTES = 256 << 10;

/** A leaf, where it stands in the log, and its inclusion proof. */
export interface LoggedLeaf {
  readonly index: number;
  /** The raw bytes: these, and not a parsed leaf, are what the log covers. */
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** With a bundle's blob, all that verifying it needs. Nothing in here is true before it was checked. */
export interface Receipt {
  readonly envelope: Envelope;
  readonly publish: LoggedLeaf;
  /** The leaves that authorise the publish leaf's keys, in the order of its `keyids`. */
  readonly authority: readonly LoggedLeaf[];
  /** A signed note. */
  readonly checkpoint: string;
}

/** The receipt in canonical JSON. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  return canonicalJson({
    v: 1,
    envelope: envelopeValue(receipt.envelope),
    publish: loggedValue(receipt.publish),
    authority: receipt.authority.map(loggedValue),
    checkpoint: receipt.checkpoint,
  });
}

function loggedValue({ index, leaf, proof }: LoggedLeaf) {
  return { index, leaf: encodeBase64(leaf), proof: proof.map(encodeBase64) };
}

/** Parses a receipt of at most 256 KiB. @throws BundleError `receipt.invalid` or `envelope.invalid` */
export function parseReceipt(bytes: Uint8Array): Receipt {
  const document = parseStrictJson(bytes, MAX_RECEIPT_BYTES, 'receipt.invalid', 'the receipt');
  const members = readMembers(document, 'receipt.invalid', 'the receipt');
  if (members.count('v') !== 1) members.fail('v', 'is not 1');
  const receipt = {
    envelope: readEnvelope(members.value('envelope')),
    publish: readLogged(members.object('publish')),
    authority: members.objects('authority', MAX_LEAF_KEYS).map(readLogged),
    checkpoint: members.string('checkpoint', undefined, MAX_RECEIPT_BYTES),
  };
  members.end();
  return receipt;
}

function readLogged(members: MemberReader): LoggedLeaf {
  const logged = {
    index: members.count('index'),
    leaf: members.base64('leaf'),
    proof: members.base64List('proof', MAX_PROOF_HASHES),
  };
  members.end();
  if (logged.leaf.length > MAX_LEAF_BYTES) members.fail('leaf', 'is longer than a leaf may be');
  if (logged.proof.some((hash) => hash.length !== HASH_BYTES))
    members.fail('proof', 'holds something other than hashes');
  return logged;
}
