import {
  checkQuorum,
  parseLogVerifier,
  openCheckpoint,
  parseReceipt,
  parseWitnessPolicy,
  parseWitnessVerifier,
  readCosignatures,
} from '@sheaf/bundle';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noFailpoint } from '../../src/domain/failpoint.js';
import type { WitnessEndpoint } from '../../src/domain/log/ask-witness.js';
import { createCosigner, type Cosigner, type WitnessReport } from '../../src/domain/log/cosigner.js';
import { createLogs } from '../../src/domain/log/logs.js';
import { submitCheckpoint } from '../../src/witness/submit.js';
import { queueLeaf } from '../support/queue-leaf.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, openNamespace, publish } from '../support/upload.js';
import { startWitnessProcess, type WitnessProcess } from '../support/witness-process.js';

const DEADLINE_MS = 10_000;

let dir: string;
let cosigner: Cosigner;
let reports: WitnessReport[];
/** Set forward to let a failed witness be asked again. */
let clockMs: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sheaf-cosigner-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function startRegistry(witnesses: () => readonly WitnessEndpoint[]): Promise<TestRegistry> {
  reports = [];
  clockMs = 0;
  return startTestRegistry({}, (db) => {
    cosigner = createCosigner({
      db,
      witnesses: witnesses(),
      realms: ['public'],
      submit: submitCheckpoint,
      now: () => Date.now() + clockMs,
      deadlineMs: DEADLINE_MS,
      report: (report) => reports.push(report),
    });
    return {
      afterAppend: [(signed) => cosigner.afterAppend(signed)],
      noteOpenForMs: (realm) => cosigner.openForMs(realm),
    };
  });
}

const endpoint = ({ url, verifierKey }: { url: string; verifierKey: string }): WitnessEndpoint => ({
  url,
  verifier: parseWitnessVerifier(verifierKey),
});

async function served(registry: TestRegistry): Promise<string> {
  return (await call(registry, '/log/public/checkpoint')).bytes.toString();
}

async function receiptNote(registry: TestRegistry, version: string): Promise<string> {
  const { bytes } = await call(registry, `/v1/workflows/acme/deploy/${version}/receipt`);
  return parseReceipt(bytes).checkpoint;
}

describe('with three witnesses, of which two are enough', () => {
  let registry: TestRegistry;
  let processes: WitnessProcess[];
  let endpoints: readonly WitnessEndpoint[];
  const optionsOf = (i: number, port = 0) => ({
    dataDir: join(dir, `w${i}`),
    port,
    logs: [registry.deps.logs.get('public').verifierKey],
    flags: ['--name', `w${i}.example`],
  });
  const cosignersOf = (note: string) =>
    readCosignatures(
      note,
      endpoints.map(({ verifier }) => verifier),
    ).map(({ witness }) => witness.name);

  beforeAll(async () => {
    registry = await startRegistry(() => []);
    processes = await Promise.all([1, 2, 3].map((i) => startWitnessProcess(optionsOf(i))));
    endpoints = processes.map(endpoint);
    // The witnesses know the log by its key, so the registry was there first.
    cosigner = createCosigner({
      db: registry.db,
      witnesses: endpoints,
      realms: ['public'],
      submit: submitCheckpoint,
      now: () => Date.now() + clockMs,
      deadlineMs: DEADLINE_MS,
      report: (report) => reports.push(report),
    });
    await openNamespace(registry);
  });
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.kill()));
    await registry.close();
  });

  const policy = () =>
    parseWitnessPolicy(
      [
        `log ${registry.deps.logs.get('public').verifierKey}`,
        ...endpoints.map(({ verifier }, i) => `witness w${i} ${verifier.text}`),
        'group g 2 w0 w1 w2',
        'quorum g',
      ].join('\n'),
      'witness.policy',
    );
  const isEnough = (note: string) =>
    checkQuorum(
      policy(),
      readCosignatures(
        note,
        endpoints.map(({ verifier }) => verifier),
      ).map(({ witness }) => witness),
    ).met;

  test('a publish is answered with the cosignatures of all', async () => {
    expect((await publish(registry, { version: '1.0.0' })).status).toBe(201);
    const note = await receiptNote(registry, '1.0.0');
    expect(cosignersOf(note)).toEqual(['w1.example', 'w2.example', 'w3.example']);
    expect(openCheckpoint(note, parseLogVerifier(registry.deps.logs.get('public').verifierKey)).size).toBe(3);
    expect(await served(registry)).toBe(note);
    expect(reports).toEqual([]);
  });

  test('with one down a publish goes through with two, waits for it no second time, and has it back later', async () => {
    const [, , third] = processes;
    await third?.kill('SIGKILL');
    expect((await publish(registry, { version: '1.1.0' })).status).toBe(201);
    const receipt = await receiptNote(registry, '1.1.0');
    expect(cosignersOf(receipt)).toEqual(['w1.example', 'w2.example']);
    expect(isEnough(receipt)).toBe(true);
    expect((await publish(registry, { version: '1.2.0' })).status).toBe(201);
    expect(reports).toMatchObject([{ type: 'failed', witness: 'w3.example', realm: 'public' }]);

    processes[2] = await startWitnessProcess(optionsOf(3, Number(new URL(third?.url ?? '').port)));
    await cosigner.tend();
    expect(cosignersOf(await served(registry))).toEqual(['w1.example', 'w2.example']);
    clockMs = 31_000;
    await cosigner.tend();
    expect(reports.at(-1)).toMatchObject({ type: 'recovered', witness: 'w3.example' });
    // What is served from memory is forgotten when the database says so, a moment later.
    await expect
      .poll(async () => cosignersOf(await served(registry)).sort())
      .toEqual(['w1.example', 'w2.example', 'w3.example']);
    // A receipt that was answered stays as it was.
    expect(await receiptNote(registry, '1.1.0')).toBe(receipt);
    expect((await publish(registry, { version: '1.3.0' })).status).toBe(201);
    expect(cosignersOf(await receiptNote(registry, '1.3.0'))).toHaveLength(3);
  });

  test('a quiet log is cosigned again, so that its age can be told', async () => {
    const before = readCosignatures(
      await served(registry),
      endpoints.map(({ verifier }) => verifier),
    );
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await cosigner.tend();
    expect(
      readCosignatures(
        await served(registry),
        endpoints.map(({ verifier }) => verifier),
      ),
    ).toEqual(before);
    clockMs += 16 * 60_000;
    await cosigner.tend();
    const isNewer = async () => {
      const after = readCosignatures(
        await served(registry),
        endpoints.map(({ verifier }) => verifier),
      );
      return after.map(
        ({ witness, timeSeconds }) =>
          timeSeconds > (before.find((one) => one.witness === witness)?.timeSeconds ?? Infinity),
      );
    };
    await expect.poll(isNewer).toEqual([true, true, true]);
    expect(cosignersOf(await receiptNote(registry, '1.3.0'))).toHaveLength(3);
  });

  test('many publishes at once are all cosigned', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => publish(registry, { version: `2.0.${i}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    for (let i = 0; i < 30; i += 1)
      expect(cosignersOf(await receiptNote(registry, `2.0.${i}`))).toHaveLength(3);
  });

  test('a log that was forked behind their back is refused, and somebody is told', async () => {
    const size = await registry.db
      .selectFrom('log_state')
      .select('size')
      .where('realm', '=', 'public')
      .executeTakeFirstOrThrow();
    // Another process goes on, so that this one reads the log again instead of remembering it.
    await queueLeaf(registry);
    const { db, deps, origin, logKey } = registry;
    await createLogs({
      db,
      objects: deps.objects,
      signer: { origin, key: logKey },
      afterAppend: [],
      now: () => Date.now(),
      failpoint: noFailpoint,
      report: () => undefined,
    })
      .get('public')
      .sequencer.settle();
    // What a forger with the database and the key would do: another leaf in the tree, the rest as it was.
    await sql`update log_tiles set hashes = overlay(hashes placing ${Buffer.alloc(32, 7)} from ${(size.size % 256) * 32 - 31})
      where realm = 'public' and level = 0 and index = 0`.execute(registry.db);
    reports = [];
    expect((await publish(registry, { version: '3.0.0' })).status).toBe(201);
    expect(reports).toHaveLength(3);
    for (const report of reports)
      expect(report).toMatchObject({ type: 'failed', error: { kind: 'contradicted' } });
    expect(cosignersOf(await receiptNote(registry, '3.0.0'))).toEqual([]);
    expect(isEnough(await served(registry))).toBe(false);
    await expect
      .poll(() => processes[0]?.logged())
      .toContain('a checkpoint does not verifiably extend the one before it');
  });
});
