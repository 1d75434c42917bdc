import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { connectToyServer, type Toy } from './toy-server.js';

export interface HttpToy extends Toy {
  readonly url: string;
  /** Requests that came, as `METHOD authorization`. */
  readonly requests: string[];
  /** Answers in place of the server; undefined lets it answer. */
  refuse: ((response: ServerResponse) => void) | undefined;
  /** Forgets all sessions, as a restart does. */
  forget(): void;
  close(): Promise<void>;
}

/** A real server over streamable HTTP, with sessions. */
export async function startHttpToy(): Promise<HttpToy> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const toy = { calls: [] as string[] };
  const requests: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push(`${request.method ?? ''} ${request.headers.authorization ?? '-'}`);
    if (box.refuse !== undefined) {
      request.resume();
      box.refuse(response);
      return;
    }
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (typeof id === 'string' && known === undefined) {
      response.writeHead(404).end();
      return;
    }
    const transport =
      known ??
      new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (made) => void sessions.set(made, transport),
        onsessionclosed: (ended) => void sessions.delete(ended),
      });
    if (known === undefined) await connectToyServer(toy, transport);
    await transport.handleRequest(request, response);
  };
  const server: Server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const box: HttpToy = {
    ...toy,
    requests,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    refuse: undefined,
    forget: () => {
      sessions.clear();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return box;
}
