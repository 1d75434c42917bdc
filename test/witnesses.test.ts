import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTempDir, removeDir } from './support/registry-process.js';
import type { Person } from './support/sheaf.js';
import { publishMark } from './support/victim.js';
import { startWitnessedRegistry, type WitnessedRegistry } from './support/witnessed-registry.js';

/** Readers who ask for the signatures of two witnesses, one of which goes away for a while. */
let dir: string;
let marker: string;
let world: WitnessedRegistry;
let strict: Person;
let lenient: Person;
beforeAll(async () => {
  dir = await makeTempDir();
  marker = join(dir, 'it-ran');
  world = await startWitnessedRegistry(dir);
  strict = await world.createReader('strict', 'all');
  lenient = await world.createReader('lenient', 'any');
}, 120_000);
afterAll(async () => {
  await world.stop();
  await removeDir(dir);
});

test('a release is taken while both cosign, refused while one of them is away, and taken when it is back', async () => {
  await publishMark(dir, world.author, 'acme/mark', '1.0.0');
  for (const reader of [strict, lenient]) await reader.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
  expect((await strict.ok(['verify', 'acme/mark@1.0.0'])).stdout).toContain('2 of 2 witnesses');

  await world.stopSecond();
  await publishMark(dir, world.author, 'acme/mark', '1.1.0');
  const refused = await strict.sheaf(['run', 'acme/mark@1.1.0', '--yes']);
  expect(refused.stderr).toContain('error[witness.quorum]: ');
  expect(refused.stderr).toContain('nothing was unpacked or run');
  expect({ exit: refused.code, stdout: refused.stdout }).toEqual({ exit: 3, stdout: '' });
  expect(existsSync(marker)).toBe(false);
  // Also what was taken before: the newest checkpoint says how its log went on, and one witness has not seen it.
  expect((await strict.sheaf(['run', 'acme/mark@1.0.0', '--yes'])).code).toBe(3);
  expect(existsSync(marker)).toBe(false);
  await lenient.ok(['verify', 'acme/mark@1.1.0', '--yes']);

  await world.startSecond();
  await world.untilCosigned();
  await strict.ok(['run', 'acme/mark@1.1.0', '--yes']);
  expect(existsSync(marker)).toBe(true);
}, 120_000);
