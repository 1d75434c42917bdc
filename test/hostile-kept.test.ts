import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeReceipt, packCarryFile, parseReceipt, readCarryFile, type CarryFile } from '@sheaf/bundle';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startOwnRegistry } from './support/own-registry.js';
import type { RegistryProcess } from './support/registry-process.js';
import type { Person } from './support/sheaf.js';
import { prepareVictims, publishMark, type Victim, type VictimMaker } from './support/victim.js';

/** What lies between a registry and a run: documents that hide a state, a cache that others wrote to, files from a stick. */
let dir: string;
let registry: RegistryProcess;
let author: Person;
let close: () => Promise<void>;
let victims: VictimMaker;
let victim: Victim;
/** What the registry said of 2.0.0 before it was quarantined. */
let before: { readonly standing: Buffer; readonly document: Buffer };

const MARK = '/v1/workflows/acme/mark';

beforeAll(async () => {
  ({ dir, registry, owner: author, close } = await startOwnRegistry('author', 'acme'));
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) await publishMark(dir, author, 'acme/mark', version);
  before = { standing: await fetchBytes(`${MARK}/2.0.0/standing`), document: await fetchBytes(MARK) };
  await author.ok(['quarantine', 'acme/mark@2.0.0', '--reason', 'it deletes what it finds', '--yes']);
  await author.ok(['deprecate', 'acme/mark@1.1.0', '--reason', 'old', '--yes']);
  victims = await prepareVictims(dir, registry);
});
afterAll(async () => {
  await victims.proxy.close();
  await close();
});
beforeEach(async () => {
  victim = await victims.create();
});

describe('a quarantined release', () => {
  const RUN = ['run', 'acme/mark@2.0.0', '--yes'];

  test('is refused with its reason', async () => {
    const { stderr } = await victim.refuses(RUN, 'state.quarantined');
    expect(stderr).toContain('it deletes what it finds');
    await victim.refuses(['fetch', 'acme/mark@2.0.0', '--yes'], 'state.quarantined');
  });

  test('is refused by what the log says of it, when the registry calls it active', async () => {
    victim.proxy.tell((path) => (path === MARK ? before.document : undefined));
    const { stderr } = await victim.refuses(RUN, 'state.quarantined');
    expect(stderr).toContain('it deletes what it finds');
  });

  test('stays refused when the registry, having shown it once, goes back to how it was', async () => {
    victim.proxy.tell((path) => (path === MARK ? before.document : undefined));
    await victim.refuses(RUN, 'state.quarantined');
    victim.proxy.tell((path) => {
      if (path === MARK) return before.document;
      return path === `${MARK}/2.0.0/standing` ? before.standing : undefined;
    });
    await victim.refuses(RUN, 'state.quarantined');
    // Nobody has to know that a folder of copies must not be cleaned.
    await rm(join(victim.home, '.cache'), { recursive: true, force: true });
    await victim.refuses(RUN, 'state.quarantined');
  });
});

describe('a poisoned cache', () => {
  const OFFLINE = ['run', 'acme/mark@1.0.0', '--yes', '--offline'];
  let cache: Cache;
  beforeEach(async () => {
    await victim.ok(['fetch', 'acme/mark@1.0.0', '--yes']);
    await victim.ok(['fetch', 'acme/mark@1.1.0', '--yes']);
    cache = await openCache(victim);
  });

  test('that holds the bundle of another version', async () => {
    await writeFile(cache.blob('1.0.0'), await readFile(cache.blob('1.1.0')));
    await victim.refuses(OFFLINE, 'blob.digest');
    await victim.ok(['verify', 'acme/mark@1.0.0']);
    await victim.ok(['verify', 'acme/mark@1.0.0', '--offline']);
  });

  test('that holds the receipt of another version', async () => {
    await writeFile(cache.receipt('1.0.0'), await readFile(cache.receipt('1.1.0')));
    await victim.refuses(OFFLINE, 'leaf.mismatch');
    await victim.ok(['verify', 'acme/mark@1.0.0']);
    await victim.ok(['verify', 'acme/mark@1.0.0', '--offline']);
  });

  test('that holds all of another version under the name of this one', async () => {
    for (const path of [cache.receipt, cache.blob])
      await writeFile(path('1.0.0'), await readFile(path('1.1.0')));
    await victim.refuses(OFFLINE, 'leaf.mismatch');
  });

  test('that holds a receipt with the envelope of another version', async () => {
    const mine = parseReceipt(await readFile(cache.receipt('1.0.0')));
    const { envelope } = parseReceipt(await readFile(cache.receipt('1.1.0')));
    await writeFile(cache.receipt('1.0.0'), encodeReceipt({ ...mine, envelope }));
    await victim.refuses(OFFLINE, 'envelope.digest');
  });

  test('that holds what is no receipt', async () => {
    await writeFile(cache.receipt('1.0.0'), '{}');
    await victim.refuses(OFFLINE, 'receipt.invalid');
    await victim.ok(['verify', 'acme/mark@1.0.0']);
  });

  test('that holds the standing of another release, which must not stop an honest registry', async () => {
    await writeFile(cache.standings('1.0.0'), await fetchBytes(`${MARK}/1.1.0/standing`));
    expect((await victim.ok(['verify', 'acme/mark@1.0.0', '--offline'])).stdout).not.toContain('deprecated');
    expect((await victim.ok(['verify', 'acme/mark@1.0.0'])).stdout).not.toContain('deprecated');
  });

  test('that lost its bundle says so, and does not take another', async () => {
    await rm(cache.blob('1.0.0'));
    const { code, stderr } = await victim.sheaf(OFFLINE);
    expect(stderr).toContain('error[offline.missing]: ');
    expect(code).toBe(6);
  });
});

describe('a .sheaf file', () => {
  let mine: CarryFile;
  let other: CarryFile;
  beforeEach(async () => {
    mine = await carry('1.0.0');
    other = await carry('1.1.0');
    // Nothing but the file may be needed, and nothing of the cache may help.
    await rm(join(victim.home, '.cache'), { recursive: true });
  });

  async function carry(version: string): Promise<CarryFile> {
    const path = join(victim.home, `${version}.sheaf`);
    await victim.ok(['fetch', `acme/mark@${version}`, '--yes', '-o', path]);
    return readCarryFile(await readFile(path));
  }

  async function refuses(file: CarryFile, code: string): Promise<void> {
    const path = join(victim.home, 'forged.sheaf');
    await writeFile(path, packCarryFile(file));
    for (const verb of ['run', 'verify']) await victim.refuses([verb, path, '--yes'], code);
  }

  test('with the receipt of another release', async () => {
    await refuses({ ...other, blob: mine.blob }, 'blob.digest');
  });

  test('with the envelope of another release in its receipt', async () => {
    if (mine.receipt === undefined) throw new Error('the file has no receipt');
    const receipt = { ...mine.receipt, envelope: other.envelope };
    await refuses({ ...mine, envelope: other.envelope, receipt }, 'leaf.mismatch');
  });

  test('with the proof of another release in its receipt', async () => {
    if (mine.receipt === undefined || other.receipt === undefined) throw new Error('a file has no receipt');
    const publish = { ...mine.receipt.publish, proof: other.receipt.publish.proof };
    await refuses({ ...mine, receipt: { ...mine.receipt, publish } }, 'proof.inclusion');
  });

  test('with the standing of another release', async () => {
    if (other.standing === undefined) throw new Error('the file has no standing');
    await refuses({ ...mine, standing: other.standing }, 'leaf.mismatch');
  });

  test('that nothing was done to is verified, so that the refusals above mean something', async () => {
    const path = join(victim.home, '1.0.0.sheaf');
    expect((await victim.ok(['verify', path, '--yes'])).stdout).toContain('verified acme/mark 1.0.0');
  });
});

interface Cache {
  readonly blob: (version: string) => string;
  readonly receipt: (version: string) => string;
  readonly standings: (version: string) => string;
}

/** Where the cache of a person has what belongs to a version. */
async function openCache({ home }: Person): Promise<Cache> {
  const root = join(home, '.cache');
  const names = await readdir(root, { recursive: true });
  const find = (suffix: string) => {
    const name = names.find((one) => one.endsWith(suffix));
    if (name === undefined) throw new Error(`no ${suffix} in ${names.join(', ')}`);
    return join(root, name);
  };
  const blobs = new Map<string, string>();
  for (const version of ['1.0.0', '1.1.0']) {
    const receipt = parseReceipt(await readFile(find(`/mark/${version}.json`)));
    const leaf = JSON.parse(Buffer.from(receipt.publish.leaf).toString()) as { blob: { sha256: string } };
    blobs.set(version, find(`${leaf.blob.sha256}.tar.gz`));
  }
  return {
    blob: (version) => blobs.get(version) ?? '',
    receipt: (version) => find(`/mark/${version}.json`),
    standings: (version) => find('/mark/1.0.0.json').replace('1.0.0.json', `${version}.standings`),
  };
}

async function fetchBytes(path: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(`${registry.url}${path}`)).arrayBuffer());
}
