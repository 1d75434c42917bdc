import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Config } from '../../../src/config/objects.js';

const SERVER = fileURLToPath(new URL('./ceph-server.mjs', import.meta.url));
const PROGRAMS = [
  'ceph',
  'ceph-mon',
  'ceph-osd',
  'ceph-authtool',
  'monmaptool',
  'radosgw',
  'radosgw-admin',
  'setpriv',
];

/** Whether a gateway can be started here. With `CI=true` its absence fails instead of skipping what needs it. */
export function hasCeph(): boolean {
  const missing = PROGRAMS.filter((name) => !isInstalled(name));
  if (missing.length === 0) return true;
  if (process.env['CI'] === 'true') throw new Error(`the tests of S3 need ${missing.join(', ')}`);
  console.warn(`SKIPPED: the tests of S3 need ${missing.join(', ')} (Debian: ceph-mon ceph-osd radosgw)`);
  return false;
}

export interface Ceph {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Makes an empty bucket and answers the configuration of a store in it. */
  createBucket(name: string): Promise<S3Config>;
  stop(): Promise<void>;
}

/** Starts a gateway of its own; about three seconds. */
export async function startCeph(): Promise<Ceph> {
  const dir = await mkdtemp(join(tmpdir(), 'sheaf-test-ceph-'));
  const child = spawn(process.execPath, [SERVER, dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) =>
    child.on('close', () => {
      resolve();
    }),
  );
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('close', () => {
      reject(new Error('the object gateway did not start'));
    });
  });
  const { endpoint, accessKeyId, secretAccessKey } = JSON.parse(line) as Record<
    'endpoint' | 'accessKeyId' | 'secretAccessKey',
    string
  >;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  return {
    endpoint,
    ...credentials,
    createBucket: async (bucket) => {
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      return s3Config({ endpoint, bucket, ...credentials });
    },
    stop: async () => {
      client.destroy();
      child.stdin.end();
      await ended;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The configuration of a store in a bucket, with nothing unusual. */
export function s3Config(options: {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}): S3Config {
  return {
    endpoint: options.endpoint,
    bucket: options.bucket,
    region: 'us-east-1',
    prefix: '',
    credentials: {
      accessKeyId: { value: options.accessKeyId },
      secretAccessKey: { value: options.secretAccessKey },
    },
    forcePathStyle: true,
    conditional: 'auto',
    redirect: false,
  };
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
