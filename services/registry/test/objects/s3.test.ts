import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { S3Config } from '../../src/config/objects.js';
import { blobKey } from '../../src/objects/port.js';
import { openS3Store, type S3Store } from '../../src/objects/s3/s3-store.js';
import { hasCeph, startCeph, type Ceph } from '../support/ceph/ceph.js';
import { collect, describeObjectStore } from './contract.js';

const KEY = blobKey(`sha256:${'ef'.repeat(32)}`);
const BYTES = new Uint8Array([1, 2, 3]);

/** Real signatures, conditions and listings: Ceph's gateway. */
describe.skipIf(!hasCeph())('with the object gateway of Ceph', () => {
  let ceph: Ceph;
  let bucket: S3Config;
  const opened: S3Store[] = [];

  beforeAll(async () => {
    ceph = await startCeph();
    bucket = await ceph.createBucket('blobs');
  });
  afterAll(async () => {
    for (const store of opened) store.close();
    await ceph.stop();
  });

  async function open(overrides: Partial<S3Config> = {}): Promise<S3Store> {
    const store = await openS3Store({ ...bucket, ...overrides });
    opened.push(store);
    return store;
  }
  const newPrefix = () => `t${randomBytes(8).toString('hex')}/`;

  describeObjectStore('a bucket', async () => {
    const prefix = newPrefix();
    return { store: await open({ prefix }), reopen: () => open({ prefix }) };
  });
  describeObjectStore(
    'a bucket that is looked into before each write',
    async () => {
      const prefix = newPrefix();
      const options = { prefix, conditional: 'off' } as const;
      return { store: await open(options), reopen: () => open(options) };
    },
    { createsOnce: false },
  );

  describe('an object store in a bucket', () => {
    it('finds out that the service creates in one step', async () => {
      expect((await open({ prefix: newPrefix() })).createsOnce).toBe(true);
      expect((await open({ prefix: newPrefix(), conditional: 'off' })).createsOnce).toBe(false);
    });

    it('lists more than a page in the order of the keys, and nothing of other prefixes', async () => {
      const prefix = newPrefix();
      const [store, other] = [await open({ prefix }), await open({ prefix: newPrefix() })];
      await other.putIfAbsent('k/1', BYTES);
      const names = Array.from({ length: 1_050 }, (_, i) => `k/${String(i).padStart(5, '0')}`);
      for (let at = 0; at < names.length; at += 50)
        await Promise.all(names.slice(at, at + 50).map((name) => store.putIfAbsent(name, BYTES)));
      expect((await collect(store.list('k/'))).map(({ key }) => key)).toEqual(names);
    });

    it('gives a link with which anybody reads one object, until it expires', async () => {
      const store = await open({ prefix: newPrefix(), redirect: true });
      await store.putIfAbsent(KEY, BYTES);
      const link = (await store.presign?.(KEY, { expiresSeconds: 1, contentType: 'application/gzip' })) ?? '';
      const answer = await fetch(link);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/gzip']);
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from(BYTES));
      expect((await fetch(link.replace('efef', 'eeee'))).status).toBe(403);
      await expect.poll(async () => (await fetch(link)).status, { timeout: 10_000 }).toBe(403);
    });

    it('gives no link when readers are not to be sent to the store', async () => {
      expect((await open({ prefix: newPrefix() })).presign).toBeUndefined();
    });

    const wrong: readonly (readonly [string, (config: S3Config) => Partial<S3Config>, RegExp])[] = [
      [
        'a wrong secret',
        (c) => ({
          credentials: c.credentials && { ...c.credentials, secretAccessKey: { value: 'not-it-at-all' } },
        }),
        /SHEAF_S3_SECRET_ACCESS_KEY/,
      ],
      [
        'an unknown key',
        (c) => ({ credentials: c.credentials && { ...c.credentials, accessKeyId: { value: 'nobody' } } }),
        /SHEAF_S3_ACCESS_KEY_ID/,
      ],
      ['a bucket that is not there', () => ({ bucket: 'absent' }), /create the bucket/],
    ];
    it.each(wrong)('says what is wrong with %s, and nothing that is secret', async (_what, alter, hint) => {
      const config = { ...bucket, prefix: newPrefix(), ...alter(bucket) };
      const error = await openS3Store(config).then(
        () => undefined,
        (thrown: unknown) => thrown as Error & { code: string; hint: string },
      );
      expect(error).toMatchObject({
        code: 'object.unavailable',
        hint: expect.stringMatching(hint) as string,
      });
      const shown = `${error?.message} ${error?.hint} ${error?.stack} ${String(error?.cause)}`;
      expect(shown).not.toContain(ceph.secretAccessKey);
      expect(shown).not.toContain('not-it-at-all');
      expect(error?.message).not.toContain('\n');
    });
  });
});
