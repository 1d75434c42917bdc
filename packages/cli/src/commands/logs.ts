import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import { findNear } from '../frame/suggest.js';
import type { LogsJson } from '../json/logs.js';
import { withEngine } from '../run/execute.js';
import { printableLines } from '../terminal/escape.js';
import { formatBytes } from '../terminal/text.js';

interface Logs {
  readonly runId: string;
  readonly steps: readonly {
    readonly step: string;
    readonly text: string;
    readonly sizeBytes: number;
    readonly truncated: boolean;
  }[];
  readonly single: boolean;
}

/** Of each step's log, the end that is printed. */
const MAX_BYTES = 64 * 1024 * 1024;

export const command = defineCommand<Logs, LogsJson>({
  name: 'logs',
  about: 'Print what the steps of a run wrote; of one step, exactly that.',
  positionals: { names: ['RUN', 'STEP'], required: 1 },
  flags: [],
  examples: ['sheaf logs 7f3k', 'sheaf logs 7f3k notes | less'],
  exitCodes: [0, 4],
  run: (context, input) =>
    withEngine(context, async (engine) => {
      const [runId = '', step] = input.positionals;
      const { plan } = engine.getRun(runId);
      const ids = plan.steps.map((each) => each.id);
      if (step !== undefined && !ids.includes(step)) {
        const near = findNear(step, ids);
        throw new CliError('step.not_found', `run ${runId} has no step called ${JSON.stringify(step)}`, {
          hint: near === undefined ? `its steps: ${ids.slice(0, 20).join(', ')}` : `did you mean ${near}`,
        });
      }
      const logs = await engine.readLog(runId, step, { maxBytes: MAX_BYTES });
      return {
        data: {
          runId,
          steps: logs.map((log) => ({
            step: log.step,
            text: Buffer.from(log.bytes).toString('utf8'),
            sizeBytes: log.sizeBytes,
            truncated: log.truncated,
          })),
          single: step !== undefined,
        },
      };
    }),
  toJson: ({ runId, steps }) => ({ runId, steps }),
  render: (data, { columns }) => {
    const show = columns === undefined ? (text: string): string => text : printableLines;
    const cut = data.steps
      .filter((log) => log.truncated)
      .map((log) => `the log of ${log.step} is ${formatBytes(log.sizeBytes)}; this is its end`);
    if (data.steps.length === 0) return { talk: 'nothing was written' };
    const body = data.steps.map((log) => {
      const text = show(log.text.replace(/\n$/, ''));
      return data.single ? text : text.replace(/^/gm, `[${log.step}] `);
    });
    return { talk: cut.join('\n'), answer: body.join('\n') };
  },
});
