import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { openEngine } from '@sheaf/engine';
import { describe, expect, it } from 'vitest';
import { testPlan, testStep } from '../src/testing/plan.js';
import { openDatabase } from '../src/stores/sqlite/database.js';
import { leaseStore } from '../src/stores/sqlite/lease-store.js';
import { openRunStore } from '../src/stores/sqlite/run-store.js';
import { tempFolders } from './folders.js';

const folder = tempFolders();
const all = { cpus: availableParallelism() };

describe('steps that say what they take of the machine', () => {
  it('run one after the other when each takes all of it, also those of two runs', async () => {
    const stateDir = join(folder(), 'state');
    const cwd = folder();
    const run =
      'date +%s%N > "$SHEAF_RUN_ID.$SHEAF_STEP.from"; sleep 0.1; date +%s%N > "$SHEAF_RUN_ID.$SHEAF_STEP.to"';
    const plan = testPlan(['a', 'b'].map((id) => testStep(id, { run, resources: all })));
    const engines = [await openEngine({ stateDir }), await openEngine({ stateDir })];
    const source = { kind: 'local', path: cwd } as const;
    const results = await Promise.all(
      engines.map((engine) => engine.run({ plan, cwd, source, maxParallel: 8 })),
    );
    for (const engine of engines) engine.close();
    expect(results.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    const times = readdirSync(cwd)
      .filter((name) => name.endsWith('.from'))
      .map((name) => {
        const read = (end: string): bigint =>
          BigInt(readFileSync(join(cwd, name.replace('from', end)), 'utf8').trim());
        return [read('from'), read('to')] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1));
    expect(times).toHaveLength(4);
    for (const [index, [from]] of times.entries()) {
      const before = times[index - 1];
      if (before !== undefined) expect(from >= before[1]).toBe(true);
    }
  });
});

describe('shares of the machine', () => {
  it('are given in the order in which they were asked for, and what the dead held is free', async () => {
    const stateDir = folder();
    (await openRunStore(stateDir, { now: () => 0 })).close();
    const database = await openDatabase(join(stateDir, 'runs.sqlite'));
    const store = leaseStore(database);
    const whole = { cpus: 4, memoryBytes: 100 };
    const alive = new Set(['one', 'two']);
    const isGiven = (id: number) => store.isGiven(id, whole, ({ start }) => alive.has(start));
    const ask = (start: string, cpus: number, memoryBytes = 0) =>
      store.ask({ pid: 1, start }, { cpus, memoryBytes });
    const held = ask('one', 3);
    const large = ask('two', 4);
    const small = ask('one', 1);
    expect([isGiven(held), isGiven(large), isGiven(small)]).toEqual([true, false, false]);
    alive.delete('one');
    expect(isGiven(large)).toBe(true);
    const memory = ask('two', 0, 60);
    expect(isGiven(memory)).toBe(true);
    expect(isGiven(ask('two', 0, 60))).toBe(false);
    store.giveBack(memory);
    database.close();
  });
});
