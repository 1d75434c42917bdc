import { parseDigest } from '@sheaf/bundle';
import { applyPolicy } from './policy/gate.js';
import { checkBytes } from './verification-bytes.js';
import { openFacts, type Facts } from './verification-facts.js';
import { checkLeaf } from './verification-leaf.js';
import { checkLog, evidenceOf, receiptOf } from './verification-log.js';
import { keepRealm } from './verification-realm.js';
import { checkSigner } from './verification-signer.js';
import { keepStandings } from './verification-standing.js';
import { createSteps, type Steps } from './verification-steps.js';
import type {
  VerifiedReceipt,
  VerifiedWorkflow,
  VerifyReceiptInput,
  VerifyWorkflowInput,
} from './verification-types.js';

export type {
  VerifiedReceipt,
  VerifiedWorkflow,
  VerifyReceiptInput,
  VerifyWorkflowInput,
} from './verification-types.js';

/**
 * Verifies a workflow: its receipt, whether the policy lets it pass, then the bytes. Nothing outside the leaves and the
 * signed notes has any influence on what is accepted. What was proven of the release before counts too, from wherever it
 * comes this time, and what is proven now is kept, also when it is refused.
 *
 * @throws ClientError with `verification` set when a check fails, or `publisher.not_accepted`: nothing may be
 *   unpacked or run then; `trust.unusable`, `operation.cancelled`, `callback.failed`
 */
export async function verifyWorkflow(input: VerifyWorkflowInput): Promise<VerifiedWorkflow> {
  const steps = createSteps(['log', 'leaf', 'signer', 'policy', 'bytes'], input);
  const facts = await openFacts(input);
  const { standings } = facts;
  const verified = await runReceiptSteps(steps, { ...input, standings, demands: input.policy }, facts.keep);
  const evidence = () => receiptOf(input);
  const decision = await steps.run('policy', () => applyPolicy(input, verified), evidence);
  const bundle = await steps.run('bytes', () => checkBytes(input, verified), evidence);
  return { ...verified, decision, bundle } as VerifiedWorkflow;
}

/** Verifies a receipt alone, such as the answer to a publish, of bytes that the caller has made itself. */
export async function verifyReceipt(input: VerifyReceiptInput): Promise<VerifiedReceipt> {
  return runReceiptSteps(createSteps(['log', 'leaf', 'signer'], input), input);
}

async function runReceiptSteps(
  steps: Steps,
  input: VerifyReceiptInput,
  keepFacts?: Facts['keep'],
): Promise<VerifiedReceipt> {
  const { receipt, expected, standings = [] } = input;
  const { realm, newest } = await steps.run(
    'log',
    () => checkLog(input),
    () => evidenceOf(input),
  );
  const document = () => receiptOf(input);
  const leaf = await steps.run('leaf', () => checkLeaf(input, realm), document);
  await keepFacts?.(leaf);
  const check = async () => {
    const checked = checkSigner(input, leaf);
    await keepRealm(input, leaf.ns, realm);
    return checked;
  };
  const signed = await steps.run('signer', check, document);
  const parts: Omit<VerifiedReceipt, symbol> = {
    id: expected.id,
    version: expected.version,
    digest: parseDigest(`sha256:${leaf.tar.sha256}`),
    receipt,
    leaf,
    ...signed,
    recovered: signed.signerFacts.filter(({ recovered }) => recovered).map(({ keyid }) => keyid),
    logIndex: receipt.publish.index,
    realm,
    standings: keepStandings(standings, { index: receipt.publish.index, leaf }),
    checkpoint: newest,
  };
  return parts as VerifiedReceipt;
}
