// Runs the embedded server as a registry would: starts it, prints its pid and URL, and on a signal stops it and ends.
import { startEmbeddedPostgres } from '../../src/postgres/embedded.js';
import { query } from './query.js';

const [, , dataDir, mode] = process.argv;
if (dataDir === undefined) throw new Error('usage: server-child DIR [exit]');

console.log('starting');
const server = await startEmbeddedPostgres({ dataDir, durable: mode === 'durable' });
const drain = async (): Promise<void> => {
  // What a registry does with the requests that it still has: the database must be there.
  const [row] = await query(server.url, 'select 1 as one');
  console.log(`drained ${String(row?.['one'])}`);
  await server.stop();
  process.exit(0);
};
process.once('SIGINT', () => void drain());
process.once('SIGTERM', () => void drain());
setInterval(() => undefined, 60_000);
console.log(`${server.pid} ${server.url} ${server.reused ? 'reused' : 'started'}`);
if (mode === 'exit') process.exit(0);
