import { createServer } from 'node:http';
import { listen } from '../listen.js';

/** The port, or for 0 one that is free now. @throws StartError `address.unavailable` */
export async function chosenPort(host: string, port: number): Promise<number> {
  if (port !== 0) return port;
  const server = createServer();
  const url = await listen(server, { host, port, flag: '--port' });
  await new Promise((resolve) => server.close(resolve));
  return Number(new URL(url).port);
}
