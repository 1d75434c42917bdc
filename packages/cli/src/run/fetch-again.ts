import type { RunDetails, RunSource } from '@sheaf/engine';
import type { VerifiedWorkflow } from '@sheaf/client';
import { parseDigest } from '@sheaf/bundle';
import { parseWorkflowId } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import type { Provenance } from './execute.js';
import { fetchVerified, findWithdrawal, type Fetched } from '../registry/fetch.js';
import { withSession, type Session } from '../registry/session.js';

type PublishedSource = Extract<RunSource, { readonly kind: 'registry' }>;

/**
 * Verifies the bundle of an earlier run once more: what a dead process left unpacked is not trusted, and the version may have
 * been taken back since.
 *
 * @throws CliError `run.origin_missing`; as `fetchVerified`
 */
export async function fetchAgain(
  context: Context,
  input: Input,
  { runId }: Pick<RunDetails, 'runId'>,
  source: PublishedSource,
): Promise<VerifiedWorkflow> {
  const { registry } = source;
  if (registry === undefined) {
    throw new CliError(
      'run.origin_missing',
      `it is not known any more where the bundle of run ${runId} came from`,
      { hint: `start again: sheaf run ${source.id}@${source.version}` },
    );
  }
  return withSession(
    context,
    input,
    async (session) => {
      const fetched = await fetchOne(context, session, source);
      const { workflow } = fetched;
      const withdrawal = findWithdrawal(fetched);
      if (withdrawal !== undefined) context.ui.warn(withdrawal);
      context.ui.say(
        `${workflow.id} ${workflow.version} verified again${fetched.isFresh ? '' : ' · offline, freshness not checked'}`,
      );
      return workflow;
    },
    { url: registry },
  );
}

/** What reports say of a bundle that was verified once more. */
export function provenanceOf(workflow: VerifiedWorkflow, { registry = '' }: PublishedSource): Provenance {
  const signers = workflow.signers.map(({ id }) => id);
  return { digest: workflow.digest, registry, signers, logIndex: workflow.logIndex };
}

/** The registry is asked first: what was taken back since must not run again. The cache will do where it cannot be reached. */
async function fetchOne(
  context: Context,
  session: Session,
  source: PublishedSource,
): Promise<Fetched & { readonly isFresh: boolean }> {
  const reference = {
    id: parseWorkflowId(source.id),
    selector: { kind: 'digest', digest: parseDigest(source.digest) },
  } as const;
  try {
    return {
      ...(await fetchVerified(context, session, reference, { yes: false, offline: false })),
      isFresh: true,
    };
  } catch (error) {
    if (codeOf(error)?.startsWith('network.') !== true) throw error;
    return {
      ...(await fetchVerified(context, session, reference, { yes: false, offline: true })),
      isFresh: false,
    };
  }
}
