import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hashLeaf, parseLeaf } from '../src/index.js';
import { codeOf, codeOfAsync } from '../src/testing/codes.js';
import { createWorldLog } from '../src/testing/world-log.js';
import { PUBLISHER, RELEASE } from '../src/testing/world.js';
import type { AcceptedRelease, RefusedRelease } from './support/refused-releases.js';
import {
  acceptedTrusted,
  CI_KEY,
  EPHEMERAL,
  refusedLeaves,
  refusedTrusted,
} from './support/trusted-releases.js';
import { verifyRelease } from './support/verify-release.js';

const VECTORS = new URL('../vectors/v1/', import.meta.url);
const FILE = new URL('trusted.json', VECTORS);
const blob = Uint8Array.from(readFileSync(new URL('bundle.tar.gz', VECTORS)));

/** A namespace that changes hands, has a channel, and is published to by two jobs and a person. */
const log = createWorldLog();
log.append({ type: 'ns.create' });
const added = log.addKey(PUBLISHER);
const job = log.append(EPHEMERAL);
log.publish('1.4.2', [CI_KEY], [job]);
log.append({ type: 'channel.set', name: RELEASE.name, channel: 'latest', version: RELEASE.version });
log.append({ type: 'ns.transfer' });
const { type, keyid, key, exp, issuer, identity } = EPHEMERAL;
const other = log.append({ type, keyid, key, exp, issuer, identity });
log.publish('1.4.3', [PUBLISHER, CI_KEY], [added, other]);
log.append({ type: 'channel.remove', name: RELEASE.name, channel: 'latest' });

interface Vectors {
  readonly leaves: readonly { readonly leaf: string; readonly hash: string }[];
  readonly accepted: readonly AcceptedRelease[];
  readonly refused: readonly (RefusedRelease | ReturnType<typeof refusedLeaves>[number])[];
}

const regenerated: Vectors = {
  leaves: log.leaves.map((leaf) => ({
    leaf: new TextDecoder().decode(leaf),
    hash: Buffer.from(hashLeaf(leaf)).toString('hex'),
  })),
  accepted: await acceptedTrusted(blob),
  refused: [...refusedLeaves(), ...(await refusedTrusted(blob))],
};
const lines = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(',\n');
const text = `{"leaves":[\n${lines(regenerated.leaves)}\n],\n"accepted":[\n${lines(regenerated.accepted)}\n],\n"refused":[\n${lines(regenerated.refused)}\n]}\n`;

if (process.env['SHEAF_WRITE_VECTORS'] === '1') writeFileSync(FILE, text);

describe('the golden vectors of trusted publishing, channels and transfers', () => {
  const stored = readFileSync(FILE, 'utf8');
  const vectors = JSON.parse(stored) as Vectors;

  it('are made again to the byte', () => {
    expect(stored).toBe(text);
  });

  it('have leaves that read back', () => {
    const types = vectors.leaves.map(({ leaf }) => parseLeaf(new TextEncoder().encode(leaf)).type);
    expect(types).toEqual([
      'ns.create',
      'key.add',
      'key.ephemeral',
      'publish',
      'channel.set',
      'ns.transfer',
      'key.ephemeral',
      'publish',
      'channel.remove',
    ]);
  });

  it.each(vectors.accepted)('accept what $why', async (vector) => {
    expect(await verifyRelease(vector)).toBe(vector.state);
  });

  it.each(vectors.refused)('refuse as $code a $kind: $why', async (vector) => {
    const code =
      vector.kind === 'leaf'
        ? codeOf(() => parseLeaf(new TextEncoder().encode(vector.leaf)))
        : await codeOfAsync(verifyRelease(vector));
    expect(code).toBe(vector.code);
  });
});
