import type { Command } from './command.js';
import { evaluate } from './names.js';
import { expressionReason } from './reasons.js';
import type { RunState } from './run-state.js';

/** For each artifact that nothing became of yet: to keep it, or why it cannot be. */
export function keepCommands(state: RunState): readonly Command[] {
  return Object.entries(state.plan.artifacts)
    .filter(([name]) => !state.artifacts.has(name))
    .map(([name, { path, retentionMs }]): Command => {
      try {
        const where = evaluate(path, state.root.names, state.runId);
        if (typeof where !== 'string') throw new TypeError('it is no text');
        return { type: 'keep', name, path: where, ...(retentionMs === undefined ? {} : { retentionMs }) };
      } catch (error) {
        const reason = expressionReason(`artifact ${name}`, error, state.root.steps);
        return { type: 'record', event: { type: 'artifact.missing', name, reason } };
      }
    });
}
