import type { RunDetails, RunSource } from '@sheaf/engine';
import type { VerifiedWorkflow } from '@sheaf/client';
import { parseDigest } from '@sheaf/bundle';
import { parseWorkflowId } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { Provenance } from './execute.js';
import { fetchVerified, type Fetched } from '../registry/fetch.js';
import { withSession, type Session } from '../registry/session.js';

type PublishedSource = Extract<RunSource, { readonly kind: 'registry' }>;

/**
 * Verifies the bundle of an earlier run once more, from the cache where it is good: what a dead process left unpacked is not
 * trusted.
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
      const { workflow } = await fetchOne(context, session, source);
      context.ui.say(`${workflow.id} ${workflow.version} verified again`);
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

async function fetchOne(context: Context, session: Session, source: PublishedSource): Promise<Fetched> {
  const reference = {
    id: parseWorkflowId(source.id),
    selector: { kind: 'digest', digest: parseDigest(source.digest) },
  } as const;
  try {
    return await fetchVerified(context, session, reference, { yes: false, offline: true });
  } catch (fromCache) {
    try {
      return await fetchVerified(context, session, reference, { yes: false, offline: false });
    } catch (fromRegistry) {
      // The cache is what counts for going on; that the registry cannot help either is the lesser news.
      throw isNetwork(fromRegistry) ? fromCache : fromRegistry;
    }
  }
}

function isNetwork(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('network.')
  );
}
