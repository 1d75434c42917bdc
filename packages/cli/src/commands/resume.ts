import type { RunDetails, RunSource } from '@sheaf/engine';
import { parseDigest } from '@sheaf/bundle';
import { parseWorkflowId } from '@sheaf/workflow';
import { defineCommand, omit } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { ResumeJson } from '../json/resume.js';
import { exitCodeOfRun, renderRun } from '../output/run.js';
import { fetchVerified, type Fetched } from '../registry/fetch.js';
import { withSession, type Session } from '../registry/session.js';
import { findOrigin, unpackAgain, type BundleFolder } from '../run/bundle-folder.js';
import { execute, withEngine, type RunData } from '../run/execute.js';

export const command = defineCommand<RunData, ResumeJson>({
  name: 'resume',
  about: 'Go on with a run that was cancelled or killed: what is done stays done.',
  positionals: { names: ['RUN'], required: 1 },
  flags: [],
  examples: ['sheaf resume 7f3k', 'sheaf resume 7f3k --json'],
  exitCodes: [0, 3, 4, 6, 8, 130],
  run: (context, input) =>
    withEngine(context, async (engine) => {
      const run = engine.getRun(input.positionals[0] ?? '');
      if (run.status === 'running') {
        throw new CliError('run.active', `run ${run.runId} is still running`, {
          hint: `sheaf status ${run.runId}`,
        });
      }
      const isOver = run.status === 'succeeded' || run.status === 'failed';
      const folder =
        run.source.kind === 'registry' && !isOver
          ? await unpackVerified(context, input, run, run.source)
          : undefined;
      let status: RunData['status'] | undefined;
      try {
        const data = await execute(context, engine, {
          plan: run.plan,
          source: run.source,
          warnings: isOver ? [`run ${run.runId} ended before; nothing was run`] : [],
          start: (_engine, control) =>
            engine.resume(run.runId, {
              ...(folder === undefined ? {} : { bundleDir: folder.bundleDir }),
              ...control,
            }),
        });
        ({ status } = data);
        return { data, exitCode: exitCodeOfRun(data.status) };
      } finally {
        await folder?.close({ keepOrigin: status === 'cancelled' || status === undefined });
      }
    }),
  toJson: (data) => omit(data, 'told'),
  jsonSummary: 'print each event as a line of JSON; the last line is the result',
  render: renderRun,
});

/** Verifies the bundle again, from the cache where it is good, and unpacks it afresh: what a dead process left is not trusted. */
async function unpackVerified(
  context: Context,
  input: Input,
  run: RunDetails,
  source: Extract<RunSource, { readonly kind: 'registry' }>,
): Promise<BundleFolder> {
  const { bundleDir } = run;
  const registry = bundleDir === undefined ? undefined : await findOrigin(bundleDir);
  if (bundleDir === undefined || registry === undefined) {
    throw new CliError(
      'run.origin_missing',
      `it is no longer known where the bundle of run ${run.runId} came from`,
      {
        hint: `start again: sheaf run ${source.id}@${source.version}`,
      },
    );
  }
  return withSession(
    context,
    input,
    async (session) => {
      const fetched = await fetchAgain(context, session, source);
      context.ui.say(`${fetched.workflow.id} ${fetched.workflow.version} verified again`);
      return unpackAgain(bundleDir, fetched.workflow);
    },
    { url: registry },
  );
}

async function fetchAgain(
  context: Context,
  session: Session,
  source: Extract<RunSource, { readonly kind: 'registry' }>,
): Promise<Fetched> {
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
