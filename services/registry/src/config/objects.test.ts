import { describe, expect, it } from 'vitest';
import { parseObjectsConfig } from './objects.js';

const refused = { code: 'usage.invalid' };

describe('the configuration of the object store', () => {
  it('is the data directory when nothing is set', () => {
    expect(parseObjectsConfig({})).toEqual({ s3: undefined });
    expect(parseObjectsConfig({ SHEAF_S3_BUCKET: '' })).toEqual({ s3: undefined });
  });

  it('needs no more than a bucket', () => {
    expect(parseObjectsConfig({ SHEAF_S3_BUCKET: 'blobs' }).s3).toEqual({
      bucket: 'blobs',
      endpoint: undefined,
      region: 'us-east-1',
      prefix: '',
      credentials: undefined,
      forcePathStyle: false,
      conditional: 'auto',
      redirect: false,
    });
  });

  it('takes the bucket into the path when a service is named, and ends the prefix with a slash', () => {
    const { s3 } = parseObjectsConfig({
      SHEAF_S3_BUCKET: 'blobs',
      SHEAF_S3_ENDPOINT: 'https://s3.example.com/',
      SHEAF_S3_PREFIX: 'a/b',
      SHEAF_S3_ACCESS_KEY_ID: 'me',
      SHEAF_S3_SECRET_ACCESS_KEY_FILE: '/run/secret',
    });
    expect(s3).toMatchObject({ endpoint: 'https://s3.example.com', prefix: 'a/b/', forcePathStyle: true });
    expect(s3?.credentials).toEqual({
      accessKeyId: { value: 'me' },
      secretAccessKey: { file: '/run/secret' },
    });
  });

  it.each<Record<string, string>>([
    { SHEAF_S3_ENDPOINT: 'https://s3.example.com' },
    { SHEAF_S3_BUCKET: 'No' },
    { SHEAF_S3_BUCKET: 'blobs', SHEAF_S3_ENDPOINT: 'https://me:secret@s3.example.com' },
    { SHEAF_S3_BUCKET: 'blobs', SHEAF_S3_ENDPOINT: 'ftp://s3.example.com' },
    { SHEAF_S3_BUCKET: 'blobs', SHEAF_S3_PREFIX: '../x' },
    { SHEAF_S3_BUCKET: 'blobs', SHEAF_S3_PREFIX: '/x' },
    { SHEAF_S3_BUCKET: 'blobs', SHEAF_S3_REGION: 'a b' },
    { SHEAF_S3_BUCKET: 'blobs', SHEAF_S3_CONDITIONAL: 'on' },
    { SHEAF_S3_BUCKET: 'blobs', SHEAF_S3_REDIRECT: 'maybe' },
    { SHEAF_S3_BUCKET: 'blobs', SHEAF_S3_ACCESS_KEY_ID: 'me' },
    { SHEAF_S3_BUCKET: 'blobs', SHEAF_S3_ACCESS_KEY_ID: 'me', SHEAF_S3_ACCESS_KEY_ID_FILE: '/x' },
  ])('refuses %j', (env) => {
    expect(() => parseObjectsConfig(env)).toThrow(expect.objectContaining(refused));
  });
});
