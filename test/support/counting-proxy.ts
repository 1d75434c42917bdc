import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What passed of one address. */
export interface Passed {
  readonly path: string;
  /** Of the answer's body. */
  readonly bytes: number;
  readonly range: string | undefined;
}

export interface CountingProxy {
  readonly url: string;
  readonly passed: readonly Passed[];
  /**
   * Stops the next answer of an address after so many bytes, for as long as the client waits; resolves when it has
   * stopped.
   */
  hold(path: RegExp, afterBytes: number): Promise<void>;
  close(): Promise<void>;
}

interface Hold {
  readonly path: RegExp;
  readonly afterBytes: number;
  readonly happened: () => void;
}

/** Stands before a registry, passes everything on as it comes, and counts. */
export async function startCountingProxy(upstream: string): Promise<CountingProxy> {
  const passed: Passed[] = [];
  let hold: Hold | undefined;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const held = hold?.path.test(path) === true ? hold : undefined;
    if (held !== undefined) hold = undefined;
    const options = { method: request.method ?? 'GET', headers: request.headers };
    const onward = send(`${upstream}${path}`, options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      void passOn(answer, response, held).then((bytes) => {
        passed.push({ path, bytes, range: request.headers.range });
      });
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    hold: (path, afterBytes) =>
      new Promise((resolve) => {
        hold = { path, afterBytes, happened: resolve };
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

async function passOn(
  answer: IncomingMessage,
  response: ServerResponse,
  held: Hold | undefined,
): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      const all = chunk as Buffer;
      const room = held === undefined ? all.length : Math.max(0, held.afterBytes - bytes);
      const part = all.subarray(0, room);
      bytes += part.length;
      response.write(part);
      if (held === undefined || bytes < held.afterBytes) continue;
      held.happened();
      await new Promise((resolve) => response.once('close', resolve));
      return bytes;
    }
    response.end();
  } catch {
    response.destroy();
  }
  return bytes;
}
