import { openCanceller, type CancelResult, type Canceller } from '@sheaf/engine';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { CancelJson } from '../json/cancel.js';
import { getRunId } from '../run/run-id.js';
import { formatAge, plural } from '../terminal/text.js';

export const command = defineCommand<CancelResult, CancelJson>({
  name: 'cancel',
  about: 'End a run, also one of another terminal, and wait until it has ended.',
  positionals: { names: ['RUN'], required: 1, completes: ['run'] },
  flags: [{ name: 'kill', summary: 'kill its steps at once, without asking them to end' }],
  examples: ['sheaf cancel 7f3k', 'sheaf cancel 7f3k --kill'],
  exitCodes: [0, 1, 4, 130],
  run: (context, input) =>
    withCanceller(context, async (engine) => {
      const runId = getRunId(engine, input.positionals[0] ?? '');
      const { signal } = context;
      const result = await engine
        .cancel(runId, { kill: input.has('kill'), signal })
        .catch((error: unknown) => {
          if (!signal.aborted) throw error;
          throw new CliError(
            'cancelled',
            `run ${runId} was asked to stop; whether it has was not waited for`,
            {
              hint: `sheaf status ${runId}`,
            },
          );
        });
      if (result.status === 'cancelled' && result.was !== 'ended') return { data: result };
      const { finishedAt = context.now() } = engine.getSummary(runId);
      const when = formatAge(new Date(finishedAt).toISOString(), context.now());
      throw new CliError('run.ended', `run ${runId} had ended before: ${result.status} ${when}`, {
        hint: `look at it: sheaf status ${runId}`,
        data: { runId, status: result.status },
      });
    }),
  render: ({ runId, was, stopped }) => ({
    answer: `run ${runId} cancelled`,
    epilogue: [
      stopped.length === 0
        ? 'no step ran'
        : `${plural(stopped.length, 'step')} ${was === 'interrupted' ? 'had been left behind' : 'stopped'}: ${stopped.join(', ')}`,
      `what is done is kept; go on: sheaf resume ${runId}`,
    ].join('\n'),
  }),
});

async function withCanceller<T>(context: Context, work: (engine: Canceller) => Promise<T>): Promise<T> {
  const engine = await openCanceller(context.paths.state());
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}
