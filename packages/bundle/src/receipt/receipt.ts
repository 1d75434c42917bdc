import { canonicalJson } from '../encoding/canonical-json.js';
import { readMembers } from '../encoding/members.js';
import { parseStrictJson } from '../encoding/strict-json.js';
import { MAX_LEAF_KEYS } from '../log/leaf/base.js';
import { type Envelope, envelopeValue, readEnvelope } from '../statement/envelope.js';
import { type LoggedLeaf, loggedLeafValue, readLoggedLeaf } from './logged-leaf.js';

const MAX_RECEIPT_BYTES = 256 << 10;

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
    publish: loggedLeafValue(receipt.publish),
    authority: receipt.authority.map(loggedLeafValue),
    checkpoint: receipt.checkpoint,
  });
}

/** Parses a receipt of at most 256 KiB. @throws BundleError `receipt.invalid` or `envelope.invalid` */
export function parseReceipt(bytes: Uint8Array): Receipt {
  const document = parseStrictJson(bytes, MAX_RECEIPT_BYTES, 'receipt.invalid', 'the receipt');
  const members = readMembers(document, 'receipt.invalid', 'the receipt');
  if (members.count('v') !== 1) members.fail('v', 'is not 1');
  const receipt = {
    envelope: readEnvelope(members.value('envelope')),
    publish: readLoggedLeaf(members.object('publish')),
    authority: members.objects('authority', MAX_LEAF_KEYS).map(readLoggedLeaf),
    checkpoint: members.string('checkpoint', undefined, MAX_RECEIPT_BYTES),
  };
  members.end();
  return receipt;
}
