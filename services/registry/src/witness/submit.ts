import { request } from 'undici';
import type { SubmitCheckpoint } from '../domain/log/ask-witness.js';

/** A cosignature is about 150 bytes; a witness may answer a few. */
const MAX_ANSWER_BYTES = 4 * 1024;
const TIMEOUT_MS = 10_000;

/** Sends a checkpoint to a witness over HTTP. Redirects are not followed: the operator named this address and no other. */
export const submitCheckpoint: SubmitCheckpoint = async ({ url }, body, signal) => {
  const answer = await request(`${url}/add-checkpoint`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body,
    signal,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return { status: answer.statusCode, body: Buffer.concat(chunks).toString('utf8') };
};
