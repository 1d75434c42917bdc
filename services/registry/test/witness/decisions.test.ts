import {
  formatCheckpoint,
  generateSigningKey,
  logVerifierOf,
  readCosignatures,
  signNote,
  witnessVerifierOf,
} from '@sheaf/bundle';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Refusal } from '../../src/witness/refusals.js';
import { createWitness, type WitnessedCheckpoint } from '../../src/witness/witness.js';
import { LOG_KEY, LOG_ORIGIN, LOG_VERIFIER, sampleLog } from '../support/sample-log.js';

const KEY = generateSigningKey();
const KNOWN = [witnessVerifierOf('w', KEY.publicKey.raw)];
const log = sampleLog();

/** A witness whose disk is a map, and what it reports. */
function open(options: { save?: () => Promise<void>; now?: () => number } = {}) {
  const disk = new Map<string, WitnessedCheckpoint>();
  const refusals: Refusal[] = [];
  const witness = createWitness({
    name: 'w',
    key: KEY,
    logs: [LOG_VERIFIER],
    store: {
      find: (origin) => Promise.resolve(disk.get(origin)),
      save: async (witnessed) => {
        await (options.save ?? (() => Promise.resolve()))();
        disk.set(witnessed.checkpoint.origin, witnessed);
      },
    },
    now: options.now ?? (() => 1_750_000_000_000),
    onRefusal: (refusal) => refusals.push(refusal),
  });
  return { ...witness, disk, refusals };
}

test('a checkpoint is cosigned when it extends the one before, and remembered first', async () => {
  const witness = open();
  for (const [oldSize, size] of [
    [0, 0],
    [0, 1],
    [1, 5],
    [5, 5],
    [5, 133],
  ] as const) {
    const answer = await witness.addCheckpoint(await log.request(oldSize, size));
    expect(answer.kind).toBe('cosigned');
    const line = answer.kind === 'cosigned' ? answer.line : '';
    expect(readCosignatures(`${log.noteAt(size)}${line}`, KNOWN)).toHaveLength(1);
    expect(witness.disk.get(LOG_ORIGIN)?.checkpoint.size).toBe(size);
  }
  expect(witness.refusals).toEqual([]);
});

test('what does not extend it is not cosigned, and says why', async () => {
  const witness = open();
  const fork = sampleLog(1, 3);
  await witness.addCheckpoint(await log.request(0, 7));
  expect(await witness.addCheckpoint(await log.request(0, 9))).toEqual({ kind: 'conflict', size: 7 });
  expect(await witness.addCheckpoint(await log.request(8, 9))).toEqual({ kind: 'conflict', size: 7 });
  expect(await witness.addCheckpoint(await log.request(5, 6))).toEqual({ kind: 'conflict', size: 7 });
  expect(await witness.addCheckpoint(await log.request(7, 6))).toMatchObject({ kind: 'malformed' });
  expect(witness.refusals).toEqual([]);
  // Another tree of the same size, and one that is larger with the proof of its own log.
  expect(await witness.addCheckpoint(await fork.request(7, 7))).toEqual({ kind: 'conflict', size: 7 });
  expect(await witness.addCheckpoint(await fork.request(7, 9))).toEqual({ kind: 'inconsistent' });
  expect(witness.refusals.map(({ reason, held, offered }) => [reason, held, offered])).toEqual([
    ['contradiction', log.noteAt(7), fork.noteAt(7)],
    ['unproven', log.noteAt(7), fork.noteAt(9)],
  ]);
  expect(witness.disk.get(LOG_ORIGIN)?.note).toBe(log.noteAt(7));
  expect((await witness.addCheckpoint(await log.request(7, 9))).kind).toBe('cosigned');
});

test('what strangers add to a checkpoint is neither kept nor told, and each pair of sizes is told once', async () => {
  const witness = open();
  const junk = Array.from(
    { length: 60 },
    (_, i) => `\u2014 ${'j'.repeat(240)}${i} ${Buffer.alloc(500, 1).toString('base64')}\n`,
  ).join('');
  await witness.addCheckpoint((await log.request(0, 7)) + junk);
  expect(witness.disk.get(LOG_ORIGIN)?.note).toBe(log.noteAt(7));
  const wrongProof = Buffer.alloc(32).toString('base64');
  for (const size of [9, 9, 11, 9]) {
    const body = (await log.request(7, size)).replace(/^old 7\n[^]*?\n\n/, `old 7\n${wrongProof}\n\n`);
    expect(await witness.addCheckpoint(body + junk)).toEqual({ kind: 'inconsistent' });
  }
  expect(witness.refusals.map(({ offeredSize, offered }) => [offeredSize, offered])).toEqual([
    [9, log.noteAt(9)],
    [11, log.noteAt(11)],
  ]);
});

test('a proof is refused that is too long, too short, or there from size 0', async () => {
  const witness = open();
  const withHash = (body: string) => body.replace('\n\n', `\n${Buffer.alloc(32).toString('base64')}\n\n`);
  expect(await witness.addCheckpoint(withHash(await log.request(0, 5)))).toEqual({ kind: 'inconsistent' });
  await witness.addCheckpoint(await log.request(0, 5));
  expect(await witness.addCheckpoint(withHash(await log.request(5, 5)))).toEqual({ kind: 'inconsistent' });
  expect(await witness.addCheckpoint(withHash(await log.request(5, 9)))).toEqual({ kind: 'inconsistent' });
  const bare = (await log.request(5, 9)).replace(/^old 5\n[^]*?\n\n/, 'old 5\n\n');
  expect(await witness.addCheckpoint(bare)).toEqual({ kind: 'inconsistent' });
});

test('the empty tree has one root', async () => {
  const empty = log.noteAt(0);
  expect((await open().addCheckpoint(`old 0\n\n${empty}`)).kind).toBe('cosigned');
  const root = log.rootAt(1);
  const forged = signNote(formatCheckpoint({ origin: LOG_ORIGIN, size: 0, root }), LOG_ORIGIN, LOG_KEY);
  expect(await open().addCheckpoint(`old 0\n\n${forged}`)).toEqual({ kind: 'inconsistent' });
});

test('a log that it does not know, and a key that it does not know, get nothing', async () => {
  const witness = open();
  const body = await log.request(0, 5);
  expect(await witness.addCheckpoint(body.replaceAll(LOG_ORIGIN, 'other.example/log'))).toEqual({
    kind: 'unknown_log',
  });
  const stranger = `old 0\n\n${log.noteAt(5, generateSigningKey())}`;
  expect(await witness.addCheckpoint(stranger)).toEqual({ kind: 'unsigned' });
  const damaged = `old 0\n\n${log.noteAt(5).replace('\n5\n', '\n6\n')}`;
  expect(await witness.addCheckpoint(damaged)).toEqual({ kind: 'unsigned' });
  expect(await witness.addCheckpoint('')).toMatchObject({ kind: 'malformed' });
  expect(await witness.addCheckpoint(`old 0\n\n${LOG_ORIGIN}\nno note\n`)).toMatchObject({
    kind: 'malformed',
  });
  expect(witness.disk.size).toBe(0);
});

test('two checkpoints of one size that come at once are not both cosigned', async () => {
  for (let round = 0; round < 10; round += 1) {
    const witness = open({ save: () => new Promise((resolve) => setTimeout(resolve, 2)) });
    const fork = sampleLog(1);
    const answers = await Promise.all(
      [log, fork, log, fork].map(async (one) => witness.addCheckpoint(await one.request(0, 5))),
    );
    expect(answers.filter(({ kind }) => kind === 'cosigned')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === 'conflict')).toHaveLength(3);
  }
});

test('so many may wait for one log and no more', async () => {
  const witness = open({ save: () => new Promise((resolve) => setTimeout(resolve, 20)) });
  const body = await log.request(0, 5);
  const answers = await Promise.all(Array.from({ length: 100 }, () => witness.addCheckpoint(body)));
  expect(answers.filter(({ kind }) => kind === 'busy')).toHaveLength(36);
  expect((await witness.addCheckpoint(await log.request(5, 6))).kind).toBe('cosigned');
});

test('what could not be written down is not cosigned', async () => {
  let works = false;
  const witness = open({ save: () => (works ? Promise.resolve() : Promise.reject(new Error('disk full'))) });
  await expect(witness.addCheckpoint(await log.request(0, 5))).rejects.toThrow('disk full');
  works = true;
  expect((await witness.addCheckpoint(await sampleLog(1).request(0, 5))).kind).toBe('cosigned');
});

test('whatever is sent in whatever order, one history is cosigned and time only grows', async () => {
  const forks = [log, sampleLog(1, 4), sampleLog(2, 9)];
  const step = fc.record({
    fork: fc.nat(2),
    oldSize: fc.option(fc.nat(20)),
    size: fc.nat(20),
    clock: fc.nat(100),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      let clock = 0;
      const witness = open({ now: () => clock * 1000 });
      const roots = new Map<number, string>();
      let size = 0;
      let time = 0;
      for (const { fork, ...asked } of steps) {
        clock = asked.clock;
        const source = forks[fork] ?? log;
        // Mostly with the size that the witness holds, so that most requests reach the proof.
        const answer = await witness.addCheckpoint(await source.request(asked.oldSize ?? size, asked.size));
        if (answer.kind !== 'cosigned') continue;
        const [found] = readCosignatures(`${source.noteAt(asked.size)}${answer.line}`, KNOWN);
        expect(asked.size).toBeGreaterThanOrEqual(size);
        expect(found?.timeSeconds).toBeGreaterThanOrEqual(time);
        const root = Buffer.from(source.rootAt(asked.size)).toString('hex');
        expect(roots.get(asked.size) ?? root).toBe(root);
        roots.set(asked.size, root);
        // Every root before is that of the same log.
        for (const [before, known] of roots)
          expect(Buffer.from(source.rootAt(before)).toString('hex')).toBe(known);
        size = asked.size;
        time = found?.timeSeconds ?? 0;
      }
    }),
    { numRuns: 60 },
  );
});

test('a log may have two keys while it changes from one to the other', async () => {
  const next = generateSigningKey();
  const note = log.noteAt(5, next);
  const witness = createWitness({
    name: 'w',
    key: KEY,
    logs: [LOG_VERIFIER, logVerifierOf(LOG_ORIGIN, next.publicKey.raw)],
    store: { find: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    now: () => 0,
    onRefusal: () => undefined,
  });
  expect((await witness.addCheckpoint(`old 0\n\n${note}`)).kind).toBe('cosigned');
  expect((await witness.addCheckpoint(`old 0\n\n${log.noteAt(5, LOG_KEY)}`)).kind).toBe('cosigned');
});
