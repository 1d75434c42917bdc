import { BundleError, packCarryFile, parseDigest, type CarryFile, type Standing } from '@sheaf/bundle';
import {
  isVerificationFailure,
  openCache,
  openTrustStore,
  verifyCarry,
  type VerificationStep,
  type VerifiedWorkflow,
} from '@sheaf/client';
import { startClock, type Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { readCarry, writeCarry } from '../workflow/carry-file.js';
import { explainVerification } from './failure.js';
import type { Fetched } from './fetch.js';
import { trustDirOf } from './log-key.js';
import { uniteStandings } from './unite-standings.js';
import { policyFor, type PolicyOptions } from './policy.js';
import type { Session } from './session.js';

/** Verifies a published workflow from a carry file: no registry is asked, so freshness is not checked. */
export async function fetchCarried(context: Context, file: string, options: PolicyOptions): Promise<Fetched> {
  const elapsed = startClock(context);
  const policy = await policyFor(context, options);
  const carry = await openCarry(context, file);
  const trust = await openTrustStore(trustDirOf(context));
  const steps = new Map<string, VerificationStep>();
  const onStep = (step: VerificationStep): void => {
    steps.set(step.id, step);
  };
  try {
    const cache = await openCache(context.paths.cache());
    const { workflow, pin } = await verifyCarry({ carry, trust, cache, policy, onStep });
    return {
      workflow,
      pin,
      resolution: undefined,
      fromCache: { receipt: false, blob: false },
      steps: [...steps.values()],
      durationMs: elapsed(),
    };
  } catch (error) {
    throw isVerificationFailure(error) ? await explainVerification(error, context) : error;
  }
}

/** What is no carry file is a failed check as well: nothing of it was used. */
async function openCarry(context: Context, file: string): Promise<CarryFile> {
  try {
    return await readCarry(context, file);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    throw new CliError(error.code, error.message, {
      cause: error,
      hint: error.hint,
      evidence: [`read from ${file}`, 'nothing was unpacked or run'],
      verifying: true,
    });
  }
}

/** Writes a fetched workflow with its receipt and what the log says of it, to be carried to where no registry is. */
export async function writeCarried(
  context: Context,
  session: Session,
  workflow: VerifiedWorkflow,
  output: string,
): Promise<string> {
  const blob = await (await session.cache()).findBlob(parseDigest(`sha256:${workflow.leaf.blob.sha256}`));
  if (blob === undefined) {
    throw new CliError('cache.missing', 'the bundle is in the cache no more', {
      hint: 'run the same command again: it is fetched once more',
    });
  }
  const standing = await findStanding(context, session, workflow);
  const { receipt } = workflow;
  const carry: CarryFile = {
    blob,
    envelope: receipt.envelope,
    receipt,
    ...(standing === undefined ? {} : { standing }),
  };
  return (await writeCarry(context, output, packCarryFile(carry))).path;
}

/**
 * All that was proven of the release, in the one document that a carry file has room for. Where it was proven against
 * several checkpoints, the registry is asked for its newest word, which must leave nothing of it out.
 *
 * @throws CliError `standing.incomplete`
 */
async function findStanding(
  { signal }: Pick<Context, 'signal'>,
  { client }: Session,
  { standings, id, version }: VerifiedWorkflow,
): Promise<Standing | undefined> {
  if (standings.length === 0) return undefined;
  const united = uniteStandings(standings);
  if (united !== undefined) return united;
  const fresh = uniteStandings([...standings, await client.getStanding(id, version, { signal })]);
  if (fresh !== undefined) return fresh;
  throw new CliError(
    'standing.incomplete',
    `the registry leaves out something that its log was proven to say of ${id} ${version}`,
    { hint: 'nothing was written; tell its operator' },
  );
}
