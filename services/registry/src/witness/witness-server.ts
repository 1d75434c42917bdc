import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { describeError } from '../describe-error.js';
import { createShares, peerOf } from './peers.js';
import type { Witness, WitnessAnswer } from './witness.js';

export interface WitnessServerDeps {
  readonly witness: Witness;
  /** Its vkey, which `GET /` shows. */
  readonly verifierKey: string;
  readonly log: Logger;
}

const MAX_BODY_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 256;
/** Enough for a proxy in front, or many registries behind one address. */
const MAX_CONNECTIONS_OF_A_PEER = 32;
const REQUEST_TIMEOUT_MS = 10_000;
/** Until the head of a request is there, also of the first; connections that send nothing would else use up the limits. */
const HEADERS_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 5_000;
/** How exact the two before are. */
const CHECK_INTERVAL_MS = 1_000;
const TEXT = 'text/plain; charset=utf-8';

interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/** The HTTP interface of a witness (C2SP tlog-witness): `POST /add-checkpoint`, and `GET /` for people. */
export function createWitnessServer(deps: WitnessServerDeps): Server {
  const server = createServer(
    {
      maxHeaderSize: 8 * 1024,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
    },
    (request, response) => {
      void reply(deps, request)
        .catch((error: unknown): Reply => {
          // Whoever went away in the middle of a request needs no answer.
          if (!request.socket.destroyed) deps.log.error({ error: describeError(error) }, 'a request failed');
          return { status: 500, body: 'the witness failed\n' };
        })
        .then((answer) => {
          send(response, answer);
        });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  // Between the bytes of a request that goes on: its own limit is the one for the whole.
  server.setTimeout(REQUEST_TIMEOUT_MS);
  const shares = createShares(MAX_CONNECTIONS_OF_A_PEER);
  server.on('connection', (socket) => {
    const peer = peerOf(socket.remoteAddress);
    if (!shares.take(peer)) {
      socket.destroy();
      return;
    }
    socket.once('close', () => {
      shares.release(peer);
    });
  });
  return server;
}

async function reply({ witness, verifierKey, log }: WitnessServerDeps, request: IncomingMessage) {
  const [pathname] = (request.url ?? '/').split('?', 1);
  if (pathname === '/' && (request.method === 'GET' || request.method === 'HEAD'))
    return { status: 200, body: `sheaf witness\n${verifierKey}\n` };
  if (pathname !== '/add-checkpoint') return { status: 404, body: 'not found\n' };
  if (request.method !== 'POST') return { status: 405, body: 'use POST\n' };
  const body = await readBody(request);
  if (body === 'too large') return { status: 413, body: `at most ${MAX_BODY_BYTES} bytes\n` };
  const text = decode(body);
  if (text === undefined) return { status: 400, body: 'the request is not utf-8\n' };
  const answer = await witness.addCheckpoint(text);
  // What anybody can send without a checkpoint of a log that is known here is not worth the room in a log.
  const isStranger = ['malformed', 'unknown_log', 'unsigned'].includes(answer.kind);
  log[isStranger ? 'debug' : 'info'](
    { answer: answer.kind, ...('size' in answer && { size: answer.size }) },
    'add-checkpoint',
  );
  return replyTo(answer);
}

/** Status and body as C2SP tlog-witness fixes them. */
function replyTo(answer: WitnessAnswer): Reply {
  switch (answer.kind) {
    case 'cosigned':
      return { status: 200, body: answer.line };
    case 'malformed':
      return { status: 400, body: `${answer.reason}\n` };
    case 'unsigned':
      return { status: 403, body: 'no known key of the log has signed the checkpoint\n' };
    case 'unknown_log':
      return { status: 404, body: 'the log is not known here\n' };
    case 'conflict':
      return { status: 409, type: 'text/x.tlog.size', body: `${answer.size}\n` };
    case 'inconsistent':
      return { status: 422, body: 'the consistency proof does not verify\n' };
    case 'busy':
      return { status: 503, body: 'too many requests wait for this log\n' };
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | 'too large'> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Without `destroyOnReturn` the answer to a body that is too large could not be sent.
  const parts = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of parts) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return 'too large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decode(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, type = TEXT, body }: Reply): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    // A body that was not read to its end would be taken for the next request.
    ...(status === 413 && { Connection: 'close' }),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
