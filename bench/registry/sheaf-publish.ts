import type { Operation } from '../lib/load.js';
import type { SheafServer } from './servers/sheaf.js';
import { prepareUpload } from './uploads.js';

/** A signed publish of a new version, packed and signed before the clock runs; done when its receipt is here. */
export async function sheafPublish(
  server: SheafServer,
  name: string,
  version: string,
  bundleBytes: number,
): Promise<Operation> {
  const { contentType, body } = await prepareUpload({ ...server, bundleBytes }, name, version);
  const headers = { Authorization: `Bearer ${server.token}`, 'Content-Type': contentType };
  return async (connection) => {
    const { status, body: answer } = await connection.send({
      method: 'POST',
      path: '/v1/workflows',
      headers,
      body,
    });
    if (status !== 201) throw new Error(`status ${status}: ${answer.toString().slice(0, 300)}`);
  };
}
