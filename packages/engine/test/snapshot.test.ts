import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEngine } from '../src/index.js';
import { openRecords } from '../src/records.js';
import { SNAPSHOT_STEPS } from '../src/runtime/snapshot.js';
import { openDatabase } from '../src/stores/sqlite/database.js';
import { testPlan, testStep } from '../src/testing/plan.js';
import { tempFolders } from './folders.js';

const newFolder = tempFolders();

async function runSteps(count: number) {
  const stateDir = join(newFolder(), 'state');
  const cwd = newFolder();
  const ids = ['constructor', ...Array.from({ length: count - 1 }, (_, at) => `s${at}`)];
  const work = { kind: 'action', action: 'core.echo', version: '1.0.0', with: { value: 1 } } as const;
  const engine = await openEngine({ stateDir });
  try {
    const plan = testPlan(ids.map((id) => testStep(id, { work })));
    const { runId } = await engine.run({ plan, cwd, source: { kind: 'local', path: cwd } });
    return { stateDir, runId };
  } finally {
    engine.close();
  }
}

async function showRun(stateDir: string, runId: string) {
  const records = await openRecords(stateDir);
  try {
    return records.getRun(runId);
  } finally {
    records.close();
  }
}

async function change(stateDir: string, sql: string): Promise<void> {
  const database = await openDatabase(join(stateDir, 'runs.sqlite'));
  database.exec(sql);
  database.close();
}

describe('a long run that ended', () => {
  it('is shown without its journal, and as its journal would show it', async () => {
    const { stateDir, runId } = await runSteps(SNAPSHOT_STEPS);
    const journal = `UPDATE journal SET body = replace(body, '"succeeded"', '"failed"') WHERE type = 'step.finished'`;
    const shown = await showRun(stateDir, runId);
    expect(Object.keys(shown.steps)).toHaveLength(SNAPSHOT_STEPS);
    expect(Object.getPrototypeOf(shown.steps)).toBeNull();
    await change(stateDir, journal);
    expect(await showRun(stateDir, runId)).toEqual(shown);
    await change(
      stateDir,
      `${journal.replace(/"succeeded"(.*)"failed"/, '"failed"$1"succeeded"')}; DELETE FROM snapshots`,
    );
    expect(JSON.stringify(await showRun(stateDir, runId))).toBe(JSON.stringify(shown));
  });

  it('is shown by its journal once that has gone on', async () => {
    const { stateDir, runId } = await runSteps(SNAPSHOT_STEPS);
    await change(stateDir, `UPDATE snapshots SET seq = seq - 1, body = '{}'`);
    expect(Object.keys((await showRun(stateDir, runId)).steps)).toHaveLength(SNAPSHOT_STEPS);
  });
});
