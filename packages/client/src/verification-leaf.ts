import { checkPublishLeaf, type PublishLeaf } from '@sheaf/bundle';
import { splitWorkflowId } from '@sheaf/workflow';
import { ClientError } from './errors.js';
import { PUBLIC_REALM } from './pin.js';
import { assertTime } from './times.js';
import type { Checked } from './verification-steps.js';
import type { VerifyReceiptInput } from './verification-types.js';

/** Step `leaf`: it speaks of the workflow, version and bytes that were asked for, and stands in a log where it may. */
export function checkLeaf({ receipt, expected }: VerifyReceiptInput, realm: string): Checked<PublishLeaf> {
  const leaf = checkPublishLeaf(receipt.publish.leaf, {
    ...splitWorkflowId(expected.id),
    version: expected.version,
  });
  assertTime(receipt.publish.index, leaf);
  if (realm !== PUBLIC_REALM && realm !== leaf.ns) {
    throw new ClientError('log.origin', `the log of ${realm} holds a release of ${leaf.ns}`);
  }
  if (expected.digest !== undefined && expected.digest !== `sha256:${leaf.tar.sha256}`) {
    throw new ClientError(
      'leaf.mismatch',
      `the log holds sha256:${leaf.tar.sha256} for ${expected.id} ${expected.version}, not ${expected.digest}`,
    );
  }
  return { value: leaf, detail: `#${receipt.publish.index} is ${expected.id} ${expected.version}` };
}
