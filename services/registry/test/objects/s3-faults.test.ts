import { afterEach, describe, expect, it } from 'vitest';
import type { S3Config } from '../../src/config/objects.js';
import { openS3Store } from '../../src/objects/s3/s3-store.js';
import { s3Config } from '../support/ceph/ceph.js';
import { startSimpleS3, type ConditionSupport, type SimpleS3 } from '../support/simple-s3.js';

const BYTES = new Uint8Array([1, 2, 3]);
const SECRET = 'a-secret-that-nobody-may-see';

let service: SimpleS3 | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

async function start(condition: ConditionSupport): Promise<{ service: SimpleS3; config: S3Config }> {
  service = await startSimpleS3(condition);
  const { endpoint } = service;
  return {
    service,
    config: s3Config({ endpoint, bucket: 'blobs', accessKeyId: 'me', secretAccessKey: SECRET }),
  };
}

describe('a store in a service that is not like the others', () => {
  it.each([
    ['honours', true],
    ['ignores', false],
    ['refuses', false],
  ] as const)(
    'finds out that it %s the condition, and leaves nothing behind',
    async (condition, createsOnce) => {
      const { service: simple, config } = await start(condition);
      const store = await openS3Store(config);
      expect(store.createsOnce).toBe(createsOnce);
      expect(simple.names()).toEqual([]);
      expect(await store.putIfAbsent('a/b', BYTES)).toBe('created');
      expect(await store.putIfAbsent('a/b', new Uint8Array([9]))).toBe('exists');
      expect(Buffer.from((await store.get('a/b')) ?? [])).toEqual(Buffer.from(BYTES));
      store.close();
    },
  );

  it.each([
    [403, 'RequestTimeTooSkewed', /clock/],
    [403, 'AccessDenied', /right to/],
    [301, 'PermanentRedirect', /SHEAF_S3_REGION/],
    [500, 'InternalError', /later/],
    [503, 'SlowDown', /later/],
  ] as const)('says what to do about an answer of %i %s', async (status, code, hint) => {
    const { service: simple, config } = await start('honours');
    const store = await openS3Store(config);
    simple.failWith({ status, code });
    await expect(store.putIfAbsent('a', BYTES)).rejects.toMatchObject({
      code: 'object.unavailable',
      message: expect.stringContaining(code) as string,
      hint: expect.stringMatching(hint) as string,
    });
    simple.failWith(undefined);
    expect(await store.putIfAbsent('a', BYTES)).toBe('created');
    store.close();
  });

  it('says that nothing listens, and that a name cannot be resolved', async () => {
    const { config } = await start('honours');
    const refused = openS3Store({ ...config, endpoint: 'http://127.0.0.1:9' });
    await expect(refused).rejects.toMatchObject({
      hint: expect.stringContaining('nothing listens') as string,
    });
    const nowhere = openS3Store({ ...config, endpoint: 'http://nowhere.invalid' });
    await expect(nowhere).rejects.toMatchObject({ code: 'object.unavailable' });
  });

  it('refuses a longer object than it was asked for before reading it', async () => {
    const { config } = await start('honours');
    const store = await openS3Store(config);
    await store.putIfAbsent('a', new Uint8Array(1_000));
    await expect(store.get('a', { maxBytes: 999 })).rejects.toMatchObject({ code: 'object.too_large' });
    store.close();
  });

  it('reads the credentials from files, and says which file is wrong', async () => {
    const { config } = await start('honours');
    const credentials = { accessKeyId: { value: 'me' }, secretAccessKey: { file: '/nonexistent/key' } };
    await expect(openS3Store({ ...config, credentials })).rejects.toMatchObject({
      code: 'objects.credentials',
      message: expect.stringContaining('SHEAF_S3_SECRET_ACCESS_KEY_FILE') as string,
    });
  });
});
