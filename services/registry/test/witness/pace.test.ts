import {
  generateSigningKey,
  parseLogVerifier,
  parseReceipt,
  readCosignatures,
  witnessVerifierOf,
} from '@sheaf/bundle';
import { sql } from 'kysely';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SubmitCheckpoint } from '../../src/domain/log/ask-witness.js';
import { findSealedNote } from '../../src/domain/log/cosigned-notes.js';
import { createCosigner, type Cosigner, type WitnessReport } from '../../src/domain/log/cosigner.js';
import { createWitness, type WitnessedCheckpoint } from '../../src/witness/witness.js';
import { failingStore } from '../support/failing-store.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, openNamespace, publish } from '../support/upload.js';

const KEY = generateSigningKey();
const VERIFIER = witnessVerifierOf('w.example', KEY.publicKey.raw);
const DEADLINE_MS = 4_000;
/** More than the 600 ms of such a deadline that are a witness's, and in time for it. */
const SLOW_MS = 1_000;

let registry: TestRegistry;
let cosigner: Cosigner;
let reports: WitnessReport[];
let delayMs: number;
let asked: number;
/** Whether checkpoints cannot be copied. */
let isBroken: boolean;

beforeEach(async () => {
  reports = [];
  isBroken = false;
  delayMs = 0;
  asked = 0;
  let held: WitnessedCheckpoint | undefined;
  const witness = () =>
    createWitness({
      name: 'w.example',
      key: KEY,
      logs: [parseLogVerifier(registry.deps.logs.get('public').verifierKey)],
      store: {
        find: () => Promise.resolve(held),
        save: (witnessed) => {
          held = witnessed;
          return Promise.resolve();
        },
      },
      now: () => Date.now(),
      onRefusal: () => undefined,
    });
  const submit: SubmitCheckpoint = async (_, body) => {
    asked += 1;
    await sleep(delayMs);
    const answer = await witness().addCheckpoint(body);
    if (answer.kind === 'cosigned') return { status: 200, body: answer.line };
    return answer.kind === 'conflict' ? { status: 409, body: `${answer.size}\n` } : { status: 500, body: '' };
  };
  registry = await startTestRegistry({}, (db) => {
    cosigner = createCosigner({
      db,
      witnesses: [{ url: 'http://w.example', verifier: VERIFIER }],
      realms: ['public'],
      submit,
      now: () => Date.now(),
      deadlineMs: DEADLINE_MS,
      report: (report) => reports.push(report),
    });
    return {
      objects: failingStore(
        () => registry.deps.objects,
        () => isBroken,
      ),
      afterAppend: [(signed) => cosigner.afterAppend(signed)],
      noteOpenForMs: (realm) => cosigner.openForMs(realm),
    };
  });
});
afterEach(async () => {
  await cosigner.stop();
  await registry.close();
});

const served = async () => (await call(registry, '/log/public/checkpoint')).bytes.toString();
const isCosigned = (note: string) => readCosignatures(note, [VERIFIER]).length === 1;

test('a witness that is always nearly late is soon asked in the background only, until it is quick again', async () => {
  await openNamespace(registry);
  delayMs = SLOW_MS;
  // Some are delayed before it is clear that this is how it is.
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    if (reports.length > 0) break;
    expect((await publish(registry, { name })).status).toBe(201);
  }
  expect(reports).toMatchObject([{ type: 'slow', witness: 'w.example', realm: 'public' }]);
  const before = asked;
  const { status, json } = await publish(registry, { name: 'late' });
  expect(status).toBe(201);
  expect(json).toBeDefined();
  expect(asked).toBe(before);
  // The checkpoint is there at once, and cosigned a moment later; the receipt stays without.
  expect(isCosigned(await served())).toBe(false);
  await cosigner.tend();
  // What is served from memory is forgotten when the database says so, a moment later.
  await expect.poll(async () => isCosigned(await served())).toBe(true);
  const { bytes } = await call(registry, '/v1/workflows/acme/late/1.0.0/receipt');
  expect(isCosigned(parseReceipt(bytes).checkpoint)).toBe(false);

  delayMs = 0;
  for (const name of ['f', 'g', 'h', 'i', 'j']) {
    if (reports.length > 1) break;
    await publish(registry, { name });
    await cosigner.tend();
  }
  expect(reports.at(-1)).toMatchObject({ type: 'quick', witness: 'w.example' });
  await publish(registry, { name: 'again' });
  const receipt = await call(registry, '/v1/workflows/acme/again/1.0.0/receipt');
  expect(isCosigned(parseReceipt(receipt.bytes).checkpoint)).toBe(true);
}, 30_000);

test('a checkpoint that is not copied, as in a log that is frozen, is shown to no witness', async () => {
  await openNamespace(registry);
  await publish(registry, { name: 'a' });
  const [before, note] = [asked, await served()];
  isBroken = true;
  expect((await publish(registry, { name: 'b' })).status).toBe(503);
  await registry.deps.logs.sweep();
  await cosigner.tend();
  expect(asked).toBe(before);
  expect(await served()).toBe(note);
  isBroken = false;
  await registry.deps.logs.sweep();
  // Nobody closed its note; the next who reads it does when its time is over.
  await sql`update log_checkpoints set open_until = clock_timestamp() where open_until is not null`.execute(
    registry.db,
  );
  await cosigner.tend();
  await expect.poll(served).not.toBe(note);
  await expect.poll(async () => isCosigned(await served())).toBe(true);
}, 20_000);

test('many who wait for the seal of one note ask the database like one', async () => {
  await openNamespace(registry);
  const { db } = registry;
  const { size } = await db
    .updateTable('log_checkpoints')
    .set({ open_until: sql`clock_timestamp() + interval '600 milliseconds'` })
    .where('size', '=', (q) => q.selectFrom('log_checkpoints').select((e) => e.fn.max('size').as('newest')))
    .returning('size')
    .executeTakeFirstOrThrow();
  let queries = 0;
  const counting = new Proxy(db, {
    get: (target, name) => {
      if (name === 'selectFrom') queries += 1;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const readers = Array.from({ length: 200 }, () => findSealedNote({ db: counting, realm: 'public' }, size));
  const notes = await Promise.all(readers);
  expect(new Set(notes).size).toBe(1);
  // Each looks once, and one of them again every 20 ms.
  expect(queries).toBeLessThan(200 + 600 / 20 + 10);
});
