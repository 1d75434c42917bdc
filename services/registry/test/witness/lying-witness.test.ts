import {
  cosignCheckpoint,
  generateSigningKey,
  parseAddCheckpoint,
  parseReceipt,
  readCosignatures,
  witnessVerifierOf,
} from '@sheaf/bundle';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { sql } from 'kysely';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { closeNote } from '../../src/db/cosignature-queries.js';
import { createCosigner, type Cosigner, type WitnessReport } from '../../src/domain/log/cosigner.js';
import { submitCheckpoint } from '../../src/witness/submit.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, openNamespace, publish } from '../support/upload.js';

const DEADLINE_MS = 1_000;
const KEY = generateSigningKey();
const WITNESS = witnessVerifierOf('liar.example', KEY.publicKey.raw);

let server: Server;
let registry: TestRegistry;
let cosigner: Cosigner;
let reports: WitnessReport[];
let asked: number;
/** What the witness does; each test sets its own. */
let behave: (body: string, response: ServerResponse) => void;
let versions = 0;

const honest = (body: string, response: ServerResponse) => {
  response.end(cosignCheckpoint(parseAddCheckpoint(body).note, WITNESS.name, KEY, 1_750_000_000));
};

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    asked += 1;
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      behave(body, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = await startTestRegistry({}, () => ({
    afterAppend: [(signed) => cosigner.afterAppend(signed)],
    noteOpenForMs: (realm) => cosigner.openForMs(realm),
  }));
  hire();
  await openNamespace(registry);
});
beforeEach(() => {
  hire();
});
afterEach(() => cosigner.stop());
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await registry.close();
});

/** A cosigner that knows nothing of the witness yet, as after a start. */
function hire(): void {
  reports = [];
  asked = 0;
  behave = honest;
  cosigner = createCosigner({
    db: registry.db,
    witnesses: [{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, verifier: WITNESS }],
    realms: ['public'],
    submit: submitCheckpoint,
    now: () => Date.now(),
    deadlineMs: DEADLINE_MS,
    report: (report) => reports.push(report),
  });
}

async function published(): Promise<string> {
  const version = `1.0.${versions++}`;
  expect((await publish(registry, { version })).status).toBe(201);
  const { bytes } = await call(registry, `/v1/workflows/acme/deploy/${version}/receipt`);
  return parseReceipt(bytes).checkpoint;
}

test('an honest one is in the receipt', async () => {
  expect(readCosignatures(await published(), [WITNESS])).toHaveLength(1);
  expect(reports).toEqual([]);
});

const otherKey = generateSigningKey();
const cosignedBy = (name: string, key: typeof KEY, change = (note: string) => note) => {
  return (body: string, response: ServerResponse) => {
    response.end(cosignCheckpoint(change(parseAddCheckpoint(body).note), name, key, 1_750_000_000));
  };
};

test.each<[string, string, typeof behave]>([
  [
    'signs another tree',
    'unverified',
    cosignedBy(WITNESS.name, KEY, (note) => note.replace(/\n[0-9]+\n/, '\n77\n')),
  ],
  ['signs with another key', 'unverified', cosignedBy(WITNESS.name, otherKey)],
  ['signs with the log’s name', 'unverified', cosignedBy('wf.example.com/log/public', KEY)],
  [
    'cosigns and adds lines of its own',
    'unverified',
    (body, response) => {
      response.end(`attention\n${cosignCheckpoint(parseAddCheckpoint(body).note, WITNESS.name, KEY, 1)}`);
    },
  ],
  ['answers nothing', 'unverified', (_, response) => response.end()],
  ['answers without end', 'unreachable', (_, response) => response.end('x'.repeat(5_000))],
  ['fails', 'refused', (_, response) => response.writeHead(500).end('no')],
  [
    'sends elsewhere',
    'refused',
    (_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
  ],
  ['hangs up', 'unreachable', (_, response) => response.destroy()],
  [
    'says that it holds a larger log',
    'contradicted',
    (_, response) => response.writeHead(409).end('1000000\n'),
  ],
  [
    'says that it holds another log of that size',
    'contradicted',
    (_, response) => response.writeHead(409).end('0\n'),
  ],
  ['says that the proof is wrong', 'contradicted', (_, response) => response.writeHead(422).end()],
  ['names no size', 'refused', (_, response) => response.writeHead(409).end('many\n')],
  [
    'names another size each time',
    'refused',
    (body, response) => response.writeHead(409).end(`${(parseAddCheckpoint(body).oldSize + 1) % 3}\n`),
  ],
])('one that %s is left alone, and the publish goes through without it', async (_, kind, behaviour) => {
  behave = behaviour;
  const note = await published();
  expect(readCosignatures(note, [WITNESS])).toEqual([]);
  expect(note.split('\n\n')[1]?.trim().split('\n')).toHaveLength(1);
  expect(reports).toMatchObject([{ type: 'failed', witness: 'liar.example', error: { kind } }]);
  const after = asked;
  await published();
  expect(asked).toBe(after);
});

const sizeOf = (note: string) => Number(note.split('\n')[1]);

test('one that never answers costs one publish the deadline, and readers no more', async () => {
  const before = sizeOf(await published());
  behave = () => undefined;
  const seen = asked;
  const startedAt = performance.now();
  const publishing = published();
  await expect.poll(() => asked, { interval: 5 }).toBeGreaterThan(seen);
  // A reader who comes meanwhile waits as long, and is shown all that there is.
  const { bytes } = await call(registry, '/log/public/checkpoint');
  expect(sizeOf(bytes.toString())).toBe(before + 1);
  expect(performance.now() - startedAt).toBeGreaterThan(DEADLINE_MS * 0.9);
  await publishing;
  expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + 2_000);
  const again = performance.now();
  await published();
  expect(performance.now() - again).toBeLessThan(DEADLINE_MS);
});

test('a note that nobody closed closes by itself, and then nothing is added to it', async () => {
  const note = await published();
  const size = sizeOf(note);
  const late = ['\u2014 late AAAAAAAA\n'];
  expect(await closeNote(registry.db, 'public', size, late)).toBe(false);
  await sql`update log_checkpoints set open_until = clock_timestamp() + interval '150 ms' where size = ${size}`.execute(
    registry.db,
  );
  // Rendered anew, it waits for the note.
  registry.deps.reads.forgetAnswers();
  const { bytes } = await call(registry, `/v1/workflows/acme/deploy/1.0.${versions - 1}/receipt`);
  expect(parseReceipt(bytes).checkpoint).toBe(note);
  expect(await closeNote(registry.db, 'public', size, late)).toBe(false);
});
