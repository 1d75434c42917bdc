import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the simple service does with `If-None-Match: *`. */
export type ConditionSupport = 'honours' | 'ignores' | 'refuses';

export interface SimpleS3 {
  readonly endpoint: string;
  /** Names of the objects, bucket included. */
  names(): readonly string[];
  /** Answers the next requests with this status and code instead. */
  failWith(failure: { readonly status: number; readonly code: string } | undefined): void;
  close(): Promise<void>;
}

/** As much of S3 as creating, reading and deleting need, without signatures: for what a real service cannot be made to do. */
export async function startSimpleS3(condition: ConditionSupport): Promise<SimpleS3> {
  const objects = new Map<string, Buffer>();
  let failure: { readonly status: number; readonly code: string } | undefined;
  const answer = async (request: IncomingMessage): Promise<{ status: number; body?: Buffer | string }> => {
    const body = await bodyOf(request);
    if (failure) return { status: failure.status, body: `<Error><Code>${failure.code}</Code></Error>` };
    const name = new URL(request.url ?? '', 'http://s3').pathname.slice(1);
    const isConditional = request.headers['if-none-match'] === '*';
    switch (request.method) {
      case 'PUT':
        if (isConditional && condition === 'refuses')
          return { status: 501, body: '<Error><Code>NotImplemented</Code></Error>' };
        if (isConditional && condition === 'honours' && objects.has(name)) return { status: 412 };
        objects.set(name, body);
        return { status: 200 };
      case 'DELETE':
        objects.delete(name);
        return { status: 204 };
      default: {
        const held = objects.get(name);
        return held === undefined ? { status: 404 } : { status: 200, body: held };
      }
    }
  };
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body = '' }) => {
      response.writeHead(status, { 'Content-Length': body.length });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    names: () => [...objects.keys()],
    failWith: (next) => {
      failure = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
