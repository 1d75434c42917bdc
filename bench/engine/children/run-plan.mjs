// Runs a plan in a process of its own, whose memory is that of one run: node run-plan.mjs PLAN.json FOLDER. Prints JSON.
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine, openRecords } from '@sheaf/engine';

const [planFile = '', folder = ''] = process.argv.slice(2);
const stateDir = join(folder, 'state');
mkdirSync(folder, { recursive: true });
const plan = JSON.parse(readFileSync(planFile, 'utf8'));
const engine = await openEngine({ stateDir });
const began = performance.now();
const { runId, status, reason, steps } = await engine.run({
  plan,
  cwd: folder,
  source: { kind: 'local', path: folder },
});
const ms = performance.now() - began;
if (status !== 'succeeded') throw new Error(`the run ${status}: ${reason?.message ?? ''}`);
const stepMs = Object.values(steps).map(({ durationMs }) => durationMs ?? 0);
const peakMiB = peak();
engine.close();

const records = await openRecords(stateDir);
const asked = performance.now();
records.listRuns();
const listMs = performance.now() - asked;
const opened = performance.now();
records.getRun(runId);
const showMs = performance.now() - opened;
records.close();

const journalBytes = ['runs.sqlite', 'runs.sqlite-wal'].reduce(
  (sum, name) => sum + (statSync(join(stateDir, name), { throwIfNoEntry: false })?.size ?? 0),
  0,
);
process.stdout.write(
  JSON.stringify({ ms, firstMs: stepMs[0] ?? 0, stepMs, peakMiB, listMs, showMs, journalBytes }),
);

function peak() {
  const text = readFileSync('/proc/self/status', 'latin1');
  return Number(/VmHWM:\s+(\d+)/.exec(text)?.[1]) / 1024;
}
