import { readFileSync, writeFileSync } from 'node:fs';
import {
  BundleError,
  encodeStanding,
  findBase64,
  parseDigest,
  parseReceipt,
  parseStanding,
  sha256Hex,
} from '@sheaf/bundle';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { isClientError } from '../src/errors.js';
import { formatLockfile } from '../src/lock/format.js';
import { createLockedEntry, createLockedRegistry } from '../src/lock/locked-entry.js';
import type { Lockfile } from '../src/lock/lockfile.js';
import { parseLockfile } from '../src/lock/parse.js';
import { proveLockfile } from '../src/lock/prove.js';
import type { Pin } from '../src/pin.js';
import { memoryTrust, trusting } from '../src/testing/verifying.js';
import { verifyReceipt, verifyWorkflow, type VerifiedWorkflow } from '../src/verify.js';

const VECTORS = new URL('../../bundle/vectors/v1/', import.meta.url);
const read = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, VECTORS)));
const textOf = (name: string): string => new TextDecoder().decode(read(name));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Release {
  readonly kind: string;
  readonly why: string;
  readonly logKey: string;
  readonly registry: string;
  readonly expected: string;
  readonly receipt: string;
  readonly standings: readonly string[];
  readonly blob: string;
}

const pinOf = (origin: string, logKey: string): Pin => ({
  url: `https://${origin}`,
  origin,
  logKey,
  pinnedAt: '2026-01-01T00:00:00.000Z',
  realms: new Map(),
  namespaces: new Map(),
});

/** The code of whatever error of ours a promise fails with. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (isClientError(error) || error instanceof BundleError) return error.code;
    throw error;
  }
  return 'nothing';
}

/** As a client without a connection does it. */
async function verify(vector: Release): Promise<VerifiedWorkflow> {
  const [id = '', version = ''] = vector.expected.split('@');
  return verifyWorkflow({
    receipt: parseReceipt(bytesOf(vector.receipt)),
    standings: vector.standings.map((standing) => parseStanding(bytesOf(standing))),
    expected: { id: parseWorkflowId(id), version: parseVersion(version) },
    pin: pinOf(vector.registry, vector.logKey),
    policy: trusting(),
    trust: memoryTrust(),
    blob: () => Promise.resolve(findBase64(vector.blob) ?? new Uint8Array()),
  });
}

/** A refused one has a code, an accepted one a state. */
const releasesOf = (name: string) =>
  (
    JSON.parse(textOf(name)) as readonly (Release & { readonly code: string; readonly state: string })[]
  ).filter(({ kind }) => kind === 'release');
const refused = releasesOf('refused.json');
const accepted = releasesOf('accepted.json');

describe('the golden vectors of releases', () => {
  it.each(refused)('are refused by a client: $why: $code', async (vector) => {
    expect(await codeOf(verify(vector))).toBe(vector.code);
  });

  it.each(accepted)('are accepted by a client: $why: $state', async (vector) => {
    const { standing } = await verify(vector);
    expect(standing.state).toBe(vector.state);
  });
});

/** The golden release in a lockfile, and each field of it changed. */
async function makeLock(): Promise<Lockfile> {
  const pin = pinOf('wf.example.com', textOf('log.vkey').trim());
  const receipt = parseReceipt(read('receipt.json'));
  const yanked = accepted.find(({ state }) => state === 'yanked');
  const expected = { id: parseWorkflowId('acme/deploy'), version: parseVersion('1.4.2') };
  const standings = (yanked?.standings ?? []).map((standing) => parseStanding(bytesOf(standing)));
  const verified = await verifyReceipt({ receipt, standings, expected, pin });
  const dependency = { id: parseWorkflowId('acme/notify'), version: parseVersion('1.0.0') };
  return {
    registries: [createLockedRegistry(verified, pin)],
    workflows: [createLockedEntry(verified, pin.origin, [dependency])],
  };
}

const lock = formatLockfile(await makeLock());

/** What is found, and what stands there instead. */
const changes: readonly (readonly [why: string, code: string, from: string | RegExp, to: string])[] = [
  ['another version of the format', 'lock.invalid', 'version = 1\n', 'version = 2\n'],
  ['a key that nobody knows', 'lock.invalid', 'tar_size', 'extra = 1\ntar_size'],
  ['keys in another order', 'lock.invalid', /(id = "acme\/deploy")\n(version = "1.4.2")/, '$2\n$1'],
  ['a comment', 'lock.invalid', '[[workflow]]\n', '[[workflow]] # mine\n'],
  ['what is no TOML', 'lock.invalid', 'tar_size = ', 'tar_size : '],
  ['events that the standing does not hold', 'lock.invalid', 'events = [3]', 'events = [4]'],
  ['another version', 'lock.tampered', '1.4.2', '1.4.3'],
  ['another id', 'lock.tampered', '"acme/deploy"', '"acme/other"'],
  ['another registry', 'lock.tampered', 'registry = "wf.example.com"', 'registry = "wf.example.org"'],
  ['another archive', 'lock.tampered', /tar = "sha256:..../, 'tar = "sha256:0000'],
  ['another size', 'lock.tampered', /tar_size = [0-9]+/, 'tar_size = 1024'],
  ['another blob', 'lock.tampered', /blob = "sha256:..../, 'blob = "sha256:0000'],
  ['another signer', 'lock.tampered', /signers = \["..../, 'signers = ["0000'],
  ['another index', 'lock.tampered', 'log_index = 2', 'log_index = 1'],
  ['another envelope', 'lock.tampered', /envelope = "sha256:..../, 'envelope = "sha256:0000'],
  ['another state', 'lock.tampered', 'state = "yanked"', 'state = "active"'],
  ['a standing left out', 'lock.tampered', /events = .*\nstanding = .*\n/, ''],
  ['a checkpoint of another size', 'lock.tampered', 'log/public\n3\n', 'log/public\n4\n'],
];

const golden = {
  lock,
  sha256: sha256Hex(bytesOf(lock)),
  refused: changes.map(([why, code, from, to]) => ({ why, code, lock: lock.replace(from, to) })),
};

if (process.env['SHEAF_WRITE_VECTORS'] === '1') {
  writeFileSync(new URL('lock.json', VECTORS), `${JSON.stringify(golden, null, 2)}\n`);
}

describe('the golden vectors of lockfiles', () => {
  const vectors = JSON.parse(textOf('lock.json')) as typeof golden;

  it('are made again to the byte', () => {
    expect(textOf('lock.json')).toBe(`${JSON.stringify(golden, null, 2)}\n`);
  });

  it('hold', () => {
    const parsed = parseLockfile(vectors.lock, 'sheaf.lock');
    proveLockfile(parsed);
    const [entry] = parsed.workflows;
    expect(entry?.standings.map((standing) => standing.events.length)).toEqual([1]);
    expect(encodeStanding(entry?.standings[0] ?? { events: [], checkpoint: '' }).length).toBeGreaterThan(500);
    expect(entry?.tar).toBe(parseDigest(`sha256:${sha256Hex(read('bundle.tar'))}`));
  });

  it.each(vectors.refused)('are refused with $why: $code', async ({ lock: changed, code }) => {
    expect(changed).not.toBe(vectors.lock);
    const proving = Promise.resolve().then(() => {
      proveLockfile(parseLockfile(changed, 'sheaf.lock'));
    });
    expect(await codeOf(proving)).toBe(code);
  });
});
