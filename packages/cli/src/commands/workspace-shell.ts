import type { StepShell } from '@sheaf/engine';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { WorkspaceShellJson } from '../json/workspace-shell.js';
import { DOTENV_FLAG, secretsOf } from '../secrets/run-source.js';
import { withEngine } from '../run/execute.js';
import { getRunId } from '../run/run-id.js';
import { startShell } from '../run/start-shell.js';
import { shellWord } from '../terminal/shell.js';
import { plural } from '../terminal/text.js';

interface Opened {
  readonly runId: string;
  readonly shell: string;
  readonly opened: StepShell;
}

export const shell = defineCommand<Opened, WorkspaceShellJson>({
  name: 'workspace shell',
  about:
    'Open your shell where the steps of a run work, with the environment of the step that failed, or of another; under the profile that the run had. Secrets are left out unless they are asked for.',
  positionals: { names: ['RUN', 'STEP'], required: 1, completes: ['run', []] },
  flags: [{ name: 'with-secrets', summary: 'with the secrets that the step is given' }, DOTENV_FLAG],
  examples: [
    'sheaf workspace shell 7f3k',
    'sheaf workspace shell 7f3k tell',
    'sheaf workspace shell 7f3k --json',
  ],
  exitCodes: [0, 1, 2, 4, 5],
  jsonSummary: 'open nothing, and say what would be opened',
  run: async (context, input) => {
    const secrets = await secretsOf(context, input);
    return withEngine(
      context,
      async (engine) => {
        const runId = getRunId(engine, input.positionals[0] ?? '');
        const step = input.positionals[1];
        if (!context.json) assertTerminal(context, engine.getRun(runId).workDir);
        const program = context.env['SHELL'];
        const file = program?.startsWith('/') === true ? program : '/bin/sh';
        const opened = await engine.shell(runId, {
          shell: file,
          ...(step === undefined ? {} : { step }),
          withSecrets: input.has('with-secrets'),
        });
        const data = { runId, shell: file, opened };
        if (!context.json) {
          context.ui.say(describe(data));
          await startShell(opened.start);
        }
        return { data };
      },
      { secrets },
    );
  },
  toJson: ({ runId, shell: file, opened }) => ({
    runId,
    step: opened.step,
    cwd: opened.cwd,
    shell: file,
    profile: opened.profile,
    sandbox: opened.sandbox,
    environment: opened.variables,
    withheld: opened.withheld,
  }),
  render: ({ runId }) => ({ talk: `left the workspace of run ${runId}` }),
});

/** What somebody types there has to come from somewhere, and to be seen. */
function assertTerminal({ stdinIsTty, ui, stdout }: Context, folder: string): void {
  if (stdinIsTty && ui.stderr.isTty && stdout.isTty) return;
  throw new CliError('usage.no_terminal', 'a shell needs a terminal, and this is none', {
    hint: [`go there yourself: cd ${shellWord(folder)}`, 'its environment: add --json'],
  });
}

function describe({ opened }: Opened): string {
  const { step, sandbox, withheld } = opened;
  const where = sandbox === 'bwrap' ? 'in the sandbox' : 'without a sandbox';
  const missing =
    withheld.length === 0
      ? ''
      : `, without ${plural(withheld.length, 'secret')}: ${withheld.join(', ')} (--with-secrets)`;
  return `a shell as step ${step} has it, ${where}${missing}; leave it with exit`;
}
