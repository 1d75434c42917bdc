import {
  checkBlob,
  checkBundleStatement,
  DEFAULT_LIMITS,
  openVerifiedBundle,
  type Bundle,
} from '@sheaf/bundle';
import { leaveOnAbort } from './cancelled.js';
import type { Checked } from './verification-steps.js';
import type { VerifiedReceipt, VerifyWorkflowInput } from './verification-types.js';

/** Step `bytes`: blob, then tar, then archive and definition, each before the next is looked at. */
export async function checkBytes(
  input: VerifyWorkflowInput,
  { leaf, statement }: VerifiedReceipt,
): Promise<Checked<Bundle>> {
  const blob = await leaveOnAbort([input.signal], (signal) => input.blob(leaf, { signal }));
  checkBlob(blob, leaf);
  const bundle = await openVerifiedBundle(blob, leaf, input.limits ?? DEFAULT_LIMITS);
  checkBundleStatement(bundle, statement);
  const files = bundle.files.length === 1 ? '1 file' : `${bundle.files.length} files`;
  return { value: bundle, detail: `blob, tar and ${files}, ${bundle.digest}` };
}
