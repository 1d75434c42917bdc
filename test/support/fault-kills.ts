import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { connect, openNamespace } from './author.js';
import { startFaultAudit } from './fault-audit.js';
import { createFaultAuthor, type FaultAuthor, type Kind } from './fault-author.js';
import { expectWhole } from './fault-check.js';
import { converge, isPassing } from './fault-retry.js';
import { startFaultService, type FaultService, type Shape } from './fault-service.js';

const AUTHORS = 4;
const MOST_BEFORE_KILL_MS = 350;
const RESUME_LIMIT_MS = 5_000;

/** What came of a number of kills; every loss has failed the test before. */
export interface Survived {
  readonly kills: number;
  readonly acknowledged: Record<Kind, number>;
  /** Operations that a kill interrupted, by what there was of them afterwards. */
  readonly interrupted: { absent: number; complete: number; other: number };
  readonly leaves: number;
  /** Longest from a kill until another process acknowledged something. */
  readonly resumedMs: number;
}

export interface KillOptions {
  readonly shape: Shape;
  readonly kills: number;
  readonly dir: string;
  readonly random: () => number;
}

/** Kills processes of one registry at random while several authors publish and change things, and looks at everything after each kill. */
export async function surviveKills({ shape, kills, dir, random }: KillOptions): Promise<Survived> {
  const service = await startFaultService(shape, dir);
  const authors: FaultAuthor[] = [];
  const acknowledged = { publish: 0, group: 0, state: 0, channel: 0, key: 0 };
  const interrupted = { absent: 0, complete: 0, other: 0 };
  let leaves = 0;
  let resumedMs = 0;
  try {
    const [url = ''] = service.urls();
    await openAcme(service, url, dir);
    for (let index = 0; index < AUTHORS; index += 1) {
      const trustDir = join(dir, `trust-${index}`);
      authors.push(await createFaultAuthor({ index, token: service.ownerToken, trustDir, random }));
    }
    const audit = await startFaultAudit(url, join(dir, 'audit'));
    for (let kill = 0; kill < kills; kill += 1) {
      const load = startLoad(authors, service, acknowledged);
      await sleep(random() * MOST_BEFORE_KILL_MS);
      const killedMs = performance.now();
      if (await service.kill(random())) {
        const atMs = await load.nextAcknowledgement(killedMs);
        resumedMs = Math.max(resumedMs, atMs - killedMs);
      }
      await load.stop();
      await service.restore();
      const at = () => urlFor(service, random);
      await Promise.all(
        authors.map(async (author) => {
          const left = await converge(() => author.lookAtInterrupted(at()));
          if (left === undefined) return;
          interrupted[left === 'nothing to see' ? 'other' : left] += 1;
          // The same again gives one result, whatever there was.
          const kind = await converge(() => author.act(at()));
          acknowledged[kind] += 1;
        }),
      );
      const [size] = await Promise.all([
        converge(() => audit.catchUp(at())),
        expectWhole(service.place),
        ...authors.map((author) => converge(() => author.verify(at()))),
      ]);
      leaves = size;
    }
    await expectWhole(service.place, ['--deep']);
    await audit.close();
  } finally {
    for (const author of authors) await author.close();
    await service.stop();
  }
  return { kills, acknowledged, interrupted, leaves, resumedMs };
}

/** One line of several results together. */
export function survivedLine(results: readonly Survived[]): string {
  const sum = (of: (result: Survived) => number) => results.reduce((total, result) => total + of(result), 0);
  const counts = (['publish', 'group', 'state', 'channel', 'key'] as const)
    .map((kind) => `${sum((r) => r.acknowledged[kind])} ${NAMES[kind]}`)
    .join(', ');
  const { absent, complete, other } = {
    absent: sum((r) => r.interrupted.absent),
    complete: sum((r) => r.interrupted.complete),
    other: sum((r) => r.interrupted.other),
  };
  return [
    `survived ${sum((r) => r.kills)} kills: ${counts} acknowledged, 0 lost, 0 versions stuck`,
    `${absent + complete + other} operations interrupted, of which publishes ${absent} absent and ${complete} complete, each the same when sent again`,
    `check passed and ${sum((r) => r.leaves)} log entries audited after the kills; the other process went on within ${Math.round(Math.max(...results.map((r) => r.resumedMs)))} ms`,
  ].join('; ');
}

const NAMES: Readonly<Record<Kind, string>> = {
  publish: 'publishes',
  group: 'publishes of two',
  state: 'state changes',
  channel: 'channel moves',
  key: 'key events',
};

async function openAcme(service: FaultService, url: string, dir: string): Promise<void> {
  const registry = { url, ownerToken: service.ownerToken, dataDir: join(dir, 'opener') };
  const author = await connect(registry);
  await openNamespace(author);
  await author.client.close();
}

function urlFor(service: FaultService, random: () => number): string {
  const urls = service.urls();
  const url = urls[Math.floor(random() * urls.length)];
  if (url === undefined) throw new Error('nothing runs');
  return url;
}

interface Load {
  /** When something was acknowledged after that time; fails when nothing is for too long. */
  nextAcknowledgement(afterMs: number): Promise<number>;
  /** Waits until what is under way has ended, well or not. */
  stop(): Promise<void>;
}

/** Each author goes on until stopped, at whatever process there is. */
function startLoad(
  authors: readonly FaultAuthor[],
  service: FaultService,
  acknowledged: Record<Kind, number>,
): Load {
  let isStopping = false;
  const work = async (author: FaultAuthor, index: number) => {
    while (!isStopping) {
      const urls = service.urls();
      const url = urls[index % Math.max(1, urls.length)];
      try {
        // Where the only process is gone, whoever has killed it stops the load next.
        if (url === undefined) await sleep(5);
        else {
          const startedMs = performance.now();
          const kind = await author.act(url);
          acknowledged[kind] += 1;
          answered.push({ startedMs, atMs: performance.now() });
        }
      } catch (error) {
        if (!isPassing(error)) throw error;
        await sleep(20);
      }
    }
  };
  const answered: { readonly startedMs: number; readonly atMs: number }[] = [];
  const working = Promise.all(authors.map(work));
  // Looked at by whoever stops the load.
  working.catch(() => undefined);
  return {
    nextAcknowledgement: async (afterMs) => {
      for (;;) {
        const found = answered.find(({ startedMs }) => startedMs >= afterMs);
        if (found) return found.atMs;
        expect(performance.now() - afterMs, 'nothing is acknowledged by the others').toBeLessThan(
          RESUME_LIMIT_MS,
        );
        await sleep(10);
      }
    },
    stop: async () => {
      isStopping = true;
      await working;
    },
  };
}
