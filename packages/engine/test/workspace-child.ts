import { openEngine } from '@sheaf/engine';
import { testPlan, testStep } from '../src/testing/plan.js';

/** Runs in a workspace, in a process of its own, for a test to kill. Arguments: state folder, repository. */
const [stateDir = '', cwd = ''] = process.argv.slice(2);
const engine = await openEngine({ stateDir });
await engine.run({
  plan: testPlan([testStep('it', { run: 'true' })]),
  cwd,
  source: { kind: 'local', path: cwd },
  workspace: { kind: 'run' },
});
engine.close();
