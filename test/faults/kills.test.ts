import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { surviveKills, survivedLine, type Survived } from '../support/fault-kills.js';
import type { Shape } from '../support/fault-service.js';
import { createRandom } from '../support/random.js';
import { makeTempDir, removeDir } from '../support/registry-process.js';

/**
 * `kill -9` at random while four authors publish alone and in groups, deprecate, yank, move channels, and add and revoke
 * keys. After each kill: what was interrupted is fully visible or absent and the same when sent again, everything that was
 * acknowledged is there, the log extends what was seen before, and `sheaf-registry check` finds nothing.
 * `npm run test:kills -- N` does N of them.
 */
const KILLS = Number(process.env['SHEAF_TEST_KILLS'] ?? 25);
const SEED = Number(process.env['SHEAF_TEST_SEED'] ?? Date.now() % 1_000_000);
const PER_KILL_MS = 15_000;

const SHAPES: readonly (readonly [Shape, number])[] = [
  ['one process', Math.ceil(KILLS * 0.4)],
  ['two processes', Math.ceil(KILLS * 0.4)],
  ['two workers', KILLS - 2 * Math.ceil(KILLS * 0.4)],
];

let dir: string;
const survived: Survived[] = [];
beforeAll(async () => {
  dir = await makeTempDir();
});
afterAll(async () => {
  await removeDir(dir);
  if (survived.length > 0) console.log(`${survivedLine(survived)} (seed ${SEED})`);
});

for (const [i, [shape, kills]] of SHAPES.entries())
  test.runIf(kills > 0 && (shape !== 'two workers' || process.platform === 'linux'))(
    `a registry of ${shape} loses nothing over ${kills} kills`,
    async () => {
      const random = createRandom(SEED + i);
      const result = await surviveKills({ shape, kills, dir: join(dir, String(i)), random });
      survived.push(result);
      expect(result.kills).toBe(kills);
      expect(result.acknowledged.publish).toBeGreaterThan(0);
    },
    60_000 + kills * PER_KILL_MS,
  );
