import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Ends the connection after so many bytes of the honest answer. */
interface Cut {
  readonly cutAfter: number;
}

/** An answer of its own, whatever the registry said. */
export interface Invented {
  readonly type: string;
  readonly invented: Uint8Array;
}

/** Sends the client elsewhere, as a registry does whose object store hands out links. */
interface Redirect {
  readonly redirectTo: string;
}

type Told = Buffer | Cut | Invented | Redirect | undefined;

/** What a lie replaces an answer with; undefined leaves it as it was. */
export type Lie = (path: string, honest: Buffer) => Told | Promise<Told>;

export interface LyingProxy {
  readonly url: string;
  /** From now on answers go through this lie. */
  tell(lie: Lie): void;
  close(): Promise<void>;
}

/** Stands between a client and a registry, honest until told otherwise. */
export async function startLyingProxy(upstream: string): Promise<LyingProxy> {
  let lie: Lie = () => undefined;
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const headers = new Headers();
      for (const name of ['authorization', 'content-type', 'range', 'if-range', 'accept']) {
        const value = request.headers[name];
        if (typeof value === 'string') headers.set(name, value);
      }
      const body = Buffer.concat(chunks);
      const answer = await fetch(`${upstream}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        headers,
        ...(body.length > 0 && { body }),
      });
      const honest = Buffer.from(await answer.arrayBuffer());
      const told = (await lie(request.url ?? '', honest)) ?? honest;
      if ('invented' in told) {
        response.writeHead(200, { 'Content-Type': told.type, 'Content-Length': told.invented.length });
        response.end(told.invented);
        return;
      }
      if ('redirectTo' in told) {
        response.writeHead(302, { Location: told.redirectTo, 'Content-Length': 0 }).end();
        return;
      }
      for (const name of ['content-type', 'etag', 'location', 'content-range', 'accept-ranges']) {
        const value = answer.headers.get(name);
        if (value !== null) response.setHeader(name, value);
      }
      if ('cutAfter' in told) {
        response.writeHead(answer.status, { 'Content-Length': honest.length });
        response.write(honest.subarray(0, told.cutAfter), () => response.destroy());
        return;
      }
      response.writeHead(answer.status, { 'Content-Length': told.length });
      response.end(told);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tell: (next) => {
      lie = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
