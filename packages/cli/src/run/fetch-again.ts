import type { RunDetails, RunSource } from '@sheaf/engine';
import type { Reference, VerifiedWorkflow } from '@sheaf/client';
import { parseDigest } from '@sheaf/bundle';
import { parseWorkflowId } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import type { Provenance } from './execute.js';
import { fetchVerified, findWithdrawal, type Fetched } from '../registry/fetch.js';
import { locateReference } from '../registry/locate.js';
import { withSession, withSessions, type Session } from '../registry/session.js';

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
  return withSession(context, input, (session) => fetchOne(context, session, source), { url: registry });
}

/**
 * Verifies the workflows once more that the plan of an earlier run uses, by their digests.
 *
 * @throws CliError as `locateReference`; as `fetchVerified`
 */
export async function fetchUsedAgain(
  context: Context,
  input: Input,
  { plan, source }: Pick<RunDetails, 'plan' | 'source'>,
): Promise<readonly VerifiedWorkflow[]> {
  const called = Object.values(plan.workflows);
  if (called.length === 0) return [];
  return withSessions(context, async (use) => {
    const found: VerifiedWorkflow[] = [];
    for (const { workflow, digest } of called) {
      if (digest === undefined) continue;
      const release = { id: workflow.id, digest };
      const place =
        source.kind === 'registry'
          ? source.registry
          : await locateReference({ context, input, use }, referenceOf(release));
      found.push(await use(place, (session) => fetchOne(context, session, release)));
    }
    return found;
  });
}

/** What reports say of a bundle that was verified once more. */
export function provenanceOf(workflow: VerifiedWorkflow, { registry = '' }: PublishedSource): Provenance {
  const signers = workflow.signers.map(({ id }) => id);
  return { digest: workflow.digest, registry, signers, logIndex: workflow.logIndex };
}

interface Release {
  readonly id: string;
  readonly digest: string;
}

function referenceOf({ id, digest }: Release): Reference {
  return { id: parseWorkflowId(id), selector: { kind: 'digest', digest: parseDigest(digest) } };
}

async function fetchOne(context: Context, session: Session, release: Release): Promise<VerifiedWorkflow> {
  const fetched = await fetchOnlineFirst(context, session, referenceOf(release));
  const { workflow, isFresh } = fetched;
  const withdrawal = findWithdrawal(fetched);
  if (withdrawal !== undefined) context.ui.warn(withdrawal);
  context.ui.say(
    `${workflow.id} ${workflow.version} verified again${isFresh ? '' : ' · offline, freshness not checked'}`,
  );
  return workflow;
}

/** The registry is asked first: what was taken back since must not run again. The cache will do where it cannot be reached. */
async function fetchOnlineFirst(
  context: Context,
  session: Session,
  reference: Reference,
): Promise<Fetched & { readonly isFresh: boolean }> {
  const options = { yes: false, offline: false };
  try {
    return { ...(await fetchVerified(context, session, reference, options)), isFresh: true };
  } catch (error) {
    if (codeOf(error)?.startsWith('network.') !== true) throw error;
    const cached = await fetchVerified(context, session, reference, { ...options, offline: true });
    return { ...cached, isFresh: false };
  }
}
