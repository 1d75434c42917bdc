import { readFileSync } from 'node:fs';
import { openEngine } from '@sheaf/engine';
import type { Plan } from '@sheaf/workflow';

/** Runs or resumes a run in a process of its own, for a test to kill. Arguments: state folder, working folder, plan file or run id. */
const [stateDir = '', cwd = '', what = ''] = process.argv.slice(2);
const engine = await openEngine({ stateDir, graceMs: 500 });
const onEvent = (event: { readonly runId: string; readonly type: string }): void => {
  process.stdout.write(`${event.runId} ${event.type}${'step' in event ? ` ${String(event.step)}` : ''}\n`);
};
const control = { onEvent, maxParallel: 3 };
if (what.endsWith('.json')) {
  const plan = JSON.parse(readFileSync(what, 'utf8')) as Plan;
  await engine.run({ plan, cwd, source: { kind: 'local', path: cwd }, ...control });
} else {
  await engine.resume(what, control);
}
engine.close();
