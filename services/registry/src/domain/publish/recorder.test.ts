import { expect, test } from 'vitest';
import { DEFAULT_LIMITS_CONFIG } from '../../config/limits.js';
import { connectDatabase } from '../../db/connection.js';
import type { Logs } from '../log/logs.js';
import type { VersionGroup } from './record.js';
import { createRecorder } from './recorder.js';

/** Nothing is asked of it, so it never connects. */
const DATABASE = connectDatabase({
  url: 'postgres://nobody@127.0.0.1:1/none',
  maxConnections: 1,
  onConnectionError: () => undefined,
});

function groupOf(readmeCharacters: number): VersionGroup {
  const record = {
    ...{
      namespace_id: 1,
      namespace: 'acme',
      realm: 'public',
      name: 'deploy',
      version: '1.0.0',
      sort_key: '1',
    },
    ...{ is_prerelease: false, tar_sha256: '', tar_size: 1, blob_sha256: '', blob_size: 1, envelope: '' },
    ...{ key_ids: [], summary: {}, readme: 'x'.repeat(readmeCharacters), search: '', user_id: null },
    ...{ via: 'token', token_id: 't', request_id: 'r', detail: {} },
    leaf: { type: 'ns.create', ns: 'acme' },
  } as unknown as VersionGroup['records'][number];
  return { records: [record], reclaimed: [] };
}

/** Logs that append whatever they are given when they are let, and tell how much of it at once. */
function openLogs() {
  const batches: number[] = [];
  let letGo: (() => void)[] = [];
  let busy = 0;
  let busiest = 0;
  const append = async ({ leaves }: { readonly leaves: readonly unknown[] }) => {
    batches.push(leaves.length);
    busy += 1;
    busiest = Math.max(busiest, busy);
    await new Promise<void>((resolve) => letGo.push(resolve));
    busy -= 1;
    return { value: leaves.map((_leaf, i) => [i]), settled: Promise.resolve() };
  };
  const logs = { get: () => ({ sequencer: { append } }) } as unknown as Logs;
  return {
    logs,
    batches,
    busiest: () => busiest,
    /** Lets all end that is being appended, until nothing is. */
    drain: async (all: Promise<unknown>) => {
      const state = { isOver: false };
      void all.then(() => (state.isOver = true));
      while (!state.isOver) {
        for (const each of letGo.splice(0)) each();
        await new Promise((resolve) => setImmediate(resolve));
      }
      letGo = [];
    },
  };
}

function open(hotConnections = 4) {
  const opened = openLogs();
  const { logs } = opened;
  const deps = { db: DATABASE, hotDb: DATABASE, hotConnections, logs, limits: DEFAULT_LIMITS_CONFIG };
  return { ...opened, recorder: createRecorder(deps) };
}

test.each([
  ['small ones share a batch with those that came meanwhile', 70, 10, [64, 6]],
  ['large ones share it until there is much to write', 5, 3 * 1024 * 1024, [2, 2, 1]],
  ['one that is larger than a batch is one of its own', 3, 9 * 1024 * 1024, [1, 1, 1]],
])('%s', async (_what, count, characters, expected) => {
  const { recorder, batches, drain } = open();
  const recorded = Array.from({ length: count }, () => recorder.expect('public').record(groupOf(characters)));
  await drain(Promise.all(recorded));
  expect(batches).toEqual(expected);
});

test.each([
  [4, 2],
  [10, 5],
  [1, 1],
])('of %d connections no more than %d append, to however many logs', async (connections, most) => {
  const { recorder, busiest, drain } = open(connections);
  const recorded = Array.from({ length: 5 }, (_, i) => recorder.expect(`realm-${i}`).record(groupOf(1)));
  await drain(Promise.all(recorded));
  expect(busiest()).toBe(most);
});
