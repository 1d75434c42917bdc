import type { Context } from '../frame/context.js';
import { findCi } from '../frame/ci.js';
import { endsStep } from './describe-event.js';
import type { Reporter, RunReporter, Shown } from './report.js';
import { foldingReporter } from './report-folds.js';
import { jsonReporter } from './report-json.js';
import { linesReporter } from './report-lines.js';
import { liveReporter } from './report-live.js';

/** JSON lines under `--json`, a live list on a terminal, folds in a CI that has them, plain lines elsewhere. */
export function openReporter(context: Context, shown: Shown): RunReporter {
  const reporter = pick(context, shown);
  const running = new Set<string>();
  return {
    running: () => running.size,
    onEvent: (event) => {
      if (event.type === 'step.started') running.add(event.step);
      if (endsStep(event)) running.delete(event.step);
      reporter.onEvent(event);
    },
    onOutput: reporter.onOutput,
    close: reporter.close,
  };
}

function pick(context: Context, shown: Shown): Reporter {
  if (context.json) return jsonReporter(context);
  const ci = findCi(context.env);
  if (context.ui.stderr.canRedraw) return liveReporter(context, shown);
  return ci === 'github' || ci === 'gitlab' ? foldingReporter(context, ci) : linesReporter(context);
}
