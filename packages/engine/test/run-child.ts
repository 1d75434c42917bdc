import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine } from '@sheaf/engine';
import type { Plan } from '@sheaf/workflow';
import { APPROVALS } from '../src/testing/every-construct.js';

/**
 * Runs or resumes a run in a process of its own, for a test to kill. Arguments: state folder, working folder, plan file or run id,
 * and the number of events after which it kills itself as nothing else can.
 */
const [stateDir = '', cwd = '', what = '', killAfter = ''] = process.argv.slice(2);
let count = 0;
const engine = await openEngine({ stateDir, graceMs: 500 });
const onEvent = (event: { readonly runId: string; readonly type: string }): void => {
  count += 1;
  if (count === Number(killAfter)) {
    writeFileSync(join(cwd, 'run-id'), event.runId);
    process.kill(process.pid, 'SIGKILL');
  }
  // Those that are killed by their own hand run what waits for these.
  if (killAfter !== '' && event.type === 'run.started')
    for (const data of APPROVALS) engine.sendEvent(event.runId, 'http', data);
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
