import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(
  new URL('../../services/registry/test/support/ceph/ceph-server.mjs', import.meta.url),
);

export const hasCeph = existsSync('/usr/bin/radosgw') || process.env['CI'] === 'true';

export interface Gateway {
  /** What a registry is told to keep its blobs there. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts Ceph's object gateway in a folder, with an empty bucket. */
export async function startGateway(dir: string): Promise<Gateway> {
  const child = spawn(process.execPath, [SERVER, dir, 'blobs'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      resolve();
    });
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('close', () => {
      reject(new Error('the object gateway did not start'));
    });
  });
  const { endpoint, accessKeyId, secretAccessKey } = JSON.parse(line) as Record<string, string>;
  return {
    env: {
      SHEAF_S3_ENDPOINT: endpoint ?? '',
      SHEAF_S3_BUCKET: 'blobs',
      SHEAF_S3_ACCESS_KEY_ID: accessKeyId ?? '',
      SHEAF_S3_SECRET_ACCESS_KEY: secretAccessKey ?? '',
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
