import type { Server } from 'node:http';
import { StartError } from './start-error.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The flag that says where to listen, for the hint of an error. */
  readonly flag: string;
}

/** Starts to listen, and answers the URL. @throws StartError `port.taken`, `address.unavailable` */
export function listen(server: Server, { host, port, flag }: ListenOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') {
        const hint = `stop what uses it, or pass ${flag} with another number (0 for any)`;
        reject(new StartError('port.taken', `port ${port} on ${host} is taken`, hint, cause));
      } else if (cause.code === 'EACCES' || cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
        const message = `cannot listen on ${host} port ${port}: ${cause.code}`;
        const hint = `pass ${flag} with what this machine may use`;
        reject(new StartError('address.unavailable', message, hint, cause));
      } else reject(cause);
    });
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : port;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound}`);
    });
  });
}
